"""How far each source is in step: one table, in the business core alone (synapse.foundation.router says so)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("legacy_import", "0008_validation_runs"),
    ]

    operations = [
        migrations.CreateModel(
            name="SourceSync",
            fields=[
                ("source", models.TextField(primary_key=True, serialize=False)),
                ("checked_at", models.DateTimeField()),
                ("in_step_at", models.DateTimeField(null=True)),
                ("changed_at", models.DateTimeField(null=True)),
                ("run_id", models.UUIDField(null=True)),
                ("reading", models.TextField(blank=True)),
                ("error", models.TextField(blank=True)),
            ],
            options={"db_table": "source_sync", "default_permissions": ()},
        ),
    ]
