"""What people decide about sources (rows that are missing, files that are gone), in the business core alone."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("legacy_import", "0010_landed_order"),
    ]

    operations = [
        migrations.CreateModel(
            name="LossQuestion",
            fields=[
                ("source", models.TextField(primary_key=True, serialize=False)),
                ("sha256", models.TextField()),
                ("path", models.TextField()),
                ("tables", models.JSONField()),
                ("asked_at", models.DateTimeField()),
                (
                    "answer",
                    models.TextField(
                        blank=True,
                        choices=[
                            ("deleted", "the rows were really deleted"),
                            ("wrong_file", "this is not the right file"),
                        ],
                        db_default="",
                    ),
                ),
                ("answered_by", models.TextField(blank=True, db_default="")),
                ("answered_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "loss_question", "default_permissions": ()},
        ),
        migrations.CreateModel(
            name="SourceWithdrawal",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("source", models.TextField()),
                ("withdrawn_at", models.DateTimeField()),
                ("withdrawn_by", models.TextField(blank=True)),
                ("snapshot_path", models.TextField(blank=True)),
                ("snapshot_sha256", models.TextField(blank=True)),
                ("taken_back_at", models.DateTimeField(null=True)),
                ("taken_back_by", models.TextField(blank=True, db_default="")),
            ],
            options={
                "db_table": "source_withdrawal",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("taken_back_at__isnull", True)),
                        fields=("source",),
                        name="source_withdrawal_one_in_force",
                    )
                ],
            },
        ),
    ]
