from django.db import migrations, models

from synapse.foundation.databases import BUSINESS_CORE
from synapse.foundation.schema import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("business_core", "0003_indexes"),
    ]

    operations = [
        run_sql_file("business_core", "0002_views", databases=[BUSINESS_CORE]),
        migrations.CreateModel(
            name="CurrentPipelineSummary",
            fields=[
                ("total_inquiries", models.BigIntegerField(primary_key=True, serialize=False)),
                ("new_inquiries", models.BigIntegerField(null=True)),
                ("total_pipeline_value", models.DecimalField(decimal_places=2, max_digits=20, null=True)),
                ("avg_deal_value", models.DecimalField(decimal_places=2, max_digits=20, null=True)),
            ],
            options={
                "verbose_name_plural": "current pipeline summary",
                "db_table": "current_pipeline_summary",
                "managed": False,
            },
        ),
    ]
