"""The validations, kept: one table, in the business core alone (synapse.foundation.router says so)."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("legacy_import", "0007_undo_floor"),
    ]

    operations = [
        migrations.CreateModel(
            name="ValidationRun",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("begun_at", models.DateTimeField(verbose_name="begun at")),
                ("seconds", models.FloatField(verbose_name="took, in seconds")),
                ("requested_by", models.TextField(blank=True, verbose_name="asked for by")),
                ("legacy_dir", models.TextField(verbose_name="legacy files")),
                ("passed", models.BooleanField()),
                ("check_count", models.IntegerField(verbose_name="checks")),
                ("failures", models.JSONField(default=list)),
                ("checks", models.JSONField(default=list)),
                ("error", models.TextField(blank=True)),
            ],
            options={
                "verbose_name": "validation",
                "db_table": "validation_run",
                "ordering": ["-begun_at"],
                "default_permissions": ("view",),
                "indexes": [models.Index(fields=["-begun_at"], name="idx_validation_run_begun")],
            },
        ),
    ]
