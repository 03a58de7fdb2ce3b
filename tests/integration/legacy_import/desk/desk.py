"""What the tests of the desk share: quarantined rows, proper values for what was refused, and settling them."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from legacy_import.codecs import Codec
from legacy_import.demo import HostileCell, write_hostile_cell
from legacy_import.models import LedgerRow
from legacy_import.services import RowFix, SettlementResult, fix_quarantined_rows
from legacy_import.sources import source_named

INQUIRIES = "consultation_inquiries"

_PROPER = {
    "text": "a text",
    "empty_as_null": "a text",
    "integer": "4",
    "decimal": "0.5",
    "boolean": "true",
    "json": '{"rate": 0.5}',
    "utc_timestamp": "2025-08-01 10:00:00",
    "local_timestamp": "2025-08-01T10:00:00",
    "empty_or_local_timestamp": "2025-08-01T10:00:00",
}


def quarantined(alias: str, source: str) -> list[LedgerRow]:
    return list(LedgerRow.objects.using(alias).filter(source=source, state="quarantined").order_by("key"))


def proper_fix(row: LedgerRow) -> RowFix:
    """Return a fix of every column that was refused; keys get one of their own."""
    table = source_named(row.source).find_table(row.legacy_table)
    assert table
    assert row.reasons
    names = [name for reason in row.reasons for name in reason["column"].split(", ")]
    codecs = {name: column.codec for column in table.columns for name in column.legacy_names}
    return RowFix(row.pk, {name: _proper(row, name, codecs[name], name == table.key) for name in names})


def _proper(row: LedgerRow, name: str, codec: Codec, is_key: bool) -> str:  # noqa: FBT001 - the column's nature
    return f"fixed-{row.pk}" if is_key else _PROPER[codec.name.partition("(")[0]]


def settle(row: LedgerRow, alias: str = "default", **cells: str | None) -> SettlementResult:
    """Fix one row, which must land."""
    done = fix_quarantined_rows(alias, [RowFix(row.pk, cells)], reason="a test", author="sofia")
    assert done.refused == ()
    assert done.settled == (row.pk,)
    return done


def plant_each_in_its_own_row(path: Path, cells: Sequence[HostileCell]) -> None:
    """Add a row for each cell by doubling its table's first row."""
    with closing(sqlite3.connect(path)) as file, file:
        for number, cell in enumerate(cells, start=1):
            columns = [row[1] for row in file.execute(f'PRAGMA table_info("{cell.table}")')]
            values = [f"'hostile-{number}'", *(f'"{name}"' for name in columns[1:])]
            file.execute(
                f'INSERT INTO "{cell.table}" SELECT {", ".join(values)} FROM "{cell.table}" ORDER BY rowid LIMIT 1'
            )
            rowid = file.execute("SELECT last_insert_rowid()").fetchone()[0]
            if "variant_name" in columns:
                file.execute(f'UPDATE "{cell.table}" SET variant_name = ? WHERE rowid = ?', (f"own-{number}", rowid))
            write_hostile_cell(file, cell, rowid=rowid)
