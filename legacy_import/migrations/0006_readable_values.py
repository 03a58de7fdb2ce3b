"""Refusing what PostgreSQL holds and nobody could read out of it again."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("legacy_import", "0005_settlements_and_undo")]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "0004_readable_values.sql").read_text(),
            reverse_sql=(SQL / "0004_readable_values.down.sql").read_text(),
        )
    ]
