"""The archive as tables: a page, and an index in the order of the files."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("legacy_import", "0003_per_database_pages"),
    ]

    operations = [
        migrations.CreateModel(
            name="ArchivedTable",
            fields=[],
            options={
                "verbose_name": "archived table",
                "verbose_name_plural": "archived tables",
                "proxy": True,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
            bases=("legacy_import.ledgerrow",),
        ),
        migrations.AddIndex(
            model_name="ledgerrow",
            index=models.Index(
                condition=models.Q(("state", "archived")),
                fields=["source", "legacy_table", "row_id", "id"],
                name="idx_ledger_archive",
            ),
        ),
    ]
