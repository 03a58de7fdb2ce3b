"""The readings of legacy cells that take more than an expression."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


def _from_file(name: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        sql=(SQL / f"{name}.sql").read_text(),
        reverse_sql=(SQL / f"{name}.down.sql").read_text(),
    )


class Migration(migrations.Migration):
    dependencies = [("legacy_import", "0001_ledger")]

    operations = [_from_file("0001_cell_functions"), _from_file("0002_date_and_clock")]
