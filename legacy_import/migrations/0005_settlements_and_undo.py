"""What a person decides about rows that could not land, and what an undo of a run puts back."""

import uuid
from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("legacy_import", "0004_archived_tables"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="divergence",
            options={"permissions": [("choose_divergence", "Can choose between diverging values")]},
        ),
        migrations.AlterModelOptions(
            name="importrun",
            options={
                "ordering": ["-started_at"],
                "permissions": [("run_import", "Can import a legacy source"), ("undo_import", "Can undo an import")],
            },
        ),
        migrations.AlterModelOptions(
            name="ledgerrow",
            options={"permissions": [("settle_quarantine", "Can settle quarantined rows")]},
        ),
        migrations.AddField(
            model_name="divergence",
            name="choice",
            field=models.TextField(
                blank=True, choices=[("kept", "keep what is here"), ("other", "take the other")], db_default=""
            ),
        ),
        migrations.AddField(
            model_name="divergence",
            name="chosen_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="divergence",
            name="chosen_by",
            field=models.TextField(blank=True, db_default=""),
        ),
        migrations.AddField(
            model_name="divergence",
            name="replaced",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="importrun",
            name="kind",
            field=models.TextField(
                choices=[("import", "import"), ("replay", "replay of quarantined rows"), ("undo", "undo of a run")],
                db_default="import",
                default="import",
            ),
        ),
        migrations.AddField(
            model_name="importrun",
            name="undoes",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="ledgerrow",
            name="brought",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="status",
            field=models.TextField(
                choices=[
                    ("running", "running"),
                    ("completed", "completed"),
                    ("quarantined", "completed, some rows quarantined"),
                    ("failed", "failed"),
                    ("interrupted", "interrupted"),
                    ("undone", "undone"),
                ],
                default="running",
            ),
        ),
        migrations.CreateModel(
            name="BeforeImage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("run_id", models.UUIDField()),
                ("table_name", models.TextField()),
                ("row_key", models.TextField()),
                ("old", models.JSONField(null=True)),
            ],
            options={
                "db_table": "before_image",
                "constraints": [
                    models.UniqueConstraint(fields=("run_id", "table_name", "row_key"), name="before_image_first_touch")
                ],
            },
        ),
        migrations.CreateModel(
            name="Settlement",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("source", models.TextField()),
                ("legacy_table", models.TextField()),
                ("key", models.TextField()),
                ("kind", models.TextField(choices=[("fix", "fixed"), ("archive", "accepted as archived")])),
                ("original", models.JSONField()),
                ("cells", models.JSONField(null=True)),
                ("reason", models.TextField()),
                ("settled_by", models.TextField()),
                ("settled_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("withdrawn_by", models.TextField(blank=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "ledger",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="settlements",
                        to="legacy_import.ledgerrow",
                    ),
                ),
            ],
            options={
                "db_table": "settlement",
                "indexes": [models.Index(fields=["ledger", "-settled_at"], name="idx_settlement_ledger")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)), fields=("ledger",), name="settlement_one_that_holds"
                    )
                ],
            },
        ),
        migrations.RunSQL(
            sql=(SQL / "0003_before_images.sql").read_text(),
            reverse_sql=(SQL / "0003_before_images.down.sql").read_text(),
        ),
    ]
