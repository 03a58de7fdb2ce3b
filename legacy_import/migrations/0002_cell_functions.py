"""The strict readings of odd cells."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("legacy_import", "0001_ledger")]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "0001_cell_functions.sql").read_text(),
            reverse_sql=(SQL / "0001_cell_functions.down.sql").read_text(),
        )
    ]
