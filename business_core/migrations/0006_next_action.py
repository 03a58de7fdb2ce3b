from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

import synapse.foundation.schema


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("business_core", "0005_change_log"),
    ]

    operations = [
        migrations.AddField(
            model_name="consultationinquiry",
            name="next_action",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="consultationinquiry",
            name="next_action_due_date",
            field=models.DateField("due", blank=True, null=True),
        ),
        AddIndexConcurrently(
            model_name="consultationinquiry",
            index=synapse.foundation.schema.PostgresIndex(
                fields=["next_action_due_date"],
                name="idx_inquiries_due",
                condition=Q(next_action_due_date__isnull=False),
            ),
        ),
    ]
