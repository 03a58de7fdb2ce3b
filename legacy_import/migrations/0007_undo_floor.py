"""Marking the runs that came before their undo was prepared."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("legacy_import", "0006_readable_values")]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "0005_undo_floor.sql").read_text(),
            reverse_sql=(SQL / "0005_undo_floor.down.sql").read_text(),
        )
    ]
