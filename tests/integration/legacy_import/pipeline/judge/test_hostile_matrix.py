"""Every hostile cell in every column of every mapped table: the row lands or is quarantined, and no other row minds.

What lives here: one file per source, made of one row for each column and each cell that is hostile to its codec. A text
that the target demands, that is NULL and that tells no rows apart lands as 'Unknown'; keys, dates, numbers and JSON
that are demanded and NULL are refused.
"""

from collections import Counter
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import TextField

from legacy_import.cells import MARK, serialize_stage_cell
from legacy_import.codecs import BOOLEAN, Codec
from legacy_import.demo.rows import Cell
from legacy_import.mapping import Source, Table
from legacy_import.models import LedgerRow
from legacy_import.pipeline.target_table import target_table_of
from legacy_import.services import export_sources
from legacy_import.sources import SOURCES, source_named
from tests.imports import run_import
from tests.integration.legacy_import.pipeline.judge.hostile_classes import hostile_cells
from tests.integration.legacy_import.pipeline.properties.cell_strategies import StoredCell
from tests.integration.legacy_import.pipeline.properties.file_dump import dump
from tests.integration.legacy_import.pipeline.properties.file_strategies import DrawnFile, DrawnTable
from tests.integration.legacy_import.pipeline.properties.validating import failures
from tests.mutations.codec_mutants import declared_codecs
from tests.reliability import Tally

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

GOOD: dict[str, Cell] = {
    "integer": 3,
    "decimal": 0.5,
    "json": '{"a": 1}',
    "utc_timestamp": "2025-08-19 17:00:47",
    "local_timestamp": "2025-07-01T09:10:11.930332",
    "empty_or_local_timestamp": "2025-08-19T20:00:47",
}
NOTHING = (StoredCell(None), StoredCell(None))


@dataclass(frozen=True, slots=True)
class HostileRow:
    """A row that is good but for the cells of one column, and what must become of it; `lands` None: one of two does.

    `unknown` is the target column that must hold 'Unknown' then, empty where none must.
    """

    cells: dict[str, StoredCell]
    column: str = ""
    lands: bool | None = True
    unknown: str = ""


def good_row(table: Table, number: int) -> dict[str, StoredCell]:
    """Return a row that lands; what identifies rows is its own."""
    row: dict[str, Cell] = {}
    for column in table.columns:
        if len(column.legacy_names) > 1:
            row |= dict(zip(column.legacy_names, ("2025-01-20", "7:00 AM"), strict=True))
        else:
            name = column.legacy_names[0]
            kind = "integer" if column.codec.storage == "integer" else kind_of(column.codec)
            row[name] = 1 if column.codec is BOOLEAN else GOOD.get(kind, f"{name} {number}")
    return {name: StoredCell(cell) for name, cell in row.items()}


def kind_of(codec: Codec) -> str:
    return codec.name.split("(")[0]


def hostile_rows(table: Table) -> list[HostileRow]:
    numbers = count(1)
    rows = [HostileRow(good_row(table, next(numbers)))]
    required, texts = target_table_of(table.model).required, demanded_texts(table)
    for column in table.columns:
        names, blamed = column.legacy_names, ", ".join(column.legacy_names)
        identifies = bool({table.key, *table.identity}.intersection(names))
        refused = identifies or column.target in required - texts
        cases = [*hostile_cells(column.codec), (NOTHING[: len(names)], not refused)]
        if identifies:
            cases.append(((StoredCell(""),), False))
        elif kind_of(column.codec) in {"text", "lower_case"}:
            cases.append(((StoredCell(""),), True))
        for cells, lands in cases:
            empty = cells[0].value == "" and column.codec.empty_is_null and column.target in required
            row = good_row(table, next(numbers)) | dict(zip(names, cells, strict=True))
            unknown = column.target if column.target in texts and cells[0] == NOTHING[0] and lands else ""
            rows.append(HostileRow(row, blamed_column(column.codec, blamed, cells), lands and not empty, unknown))
    # Two rows of one identity, and two whose keys differ only in case.
    number = next(numbers)
    twin = {name: cell for name, cell in good_row(table, number).items() if name in table.identity}
    rows += [HostileRow(good_row(table, n) | twin, ", ".join(table.identity), None) for n in (number, next(numbers))]
    number = next(numbers)
    upper = {name: StoredCell(f"{name} {number}".upper()) for name in {table.key, *table.identity}}
    rows += [HostileRow(good_row(table, number)), HostileRow(good_row(table, number) | upper)]
    return rows


def demanded_texts(table: Table) -> frozenset[str]:
    """Return the NOT NULL columns of the type text."""
    fields = apps.get_model(table.model)._meta.concrete_fields
    return frozenset(str(field.column) for field in fields if isinstance(field, TextField) and not field.null)


def blamed_column(codec: Codec, names: str, cells: tuple[StoredCell, ...]) -> str:
    """A pair without its date is missing, and then the date alone is blamed."""
    return names.split(", ", maxsplit=1)[0] if codec.name == "date_and_clock" and cells == NOTHING else names


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_hostile_cell_of_every_column_comes_to_its_outcome(source: Source, tmp_path: Path, tally: Tally) -> None:
    planted = {table.name: hostile_rows(table) for table in source.tables}
    path = DrawnFile(source, tuple(drawn(table, planted[table.name]) for table in source.tables)).write(tmp_path)

    report = run_import(source.name, tmp_path)

    assert report.error is None
    ledger = list(LedgerRow.objects.using(source.database).filter(source=source.name))
    found = {(row.legacy_table, row.row_id): row for row in ledger}
    assert len(ledger) == len(found) == sum(map(len, planted.values()))
    for table, rows in planted.items():
        pair = [found[table, i].state for i, row in enumerate(rows, start=1) if row.lands is None]
        assert sorted(pair) == ["live", "quarantined"]
        for row_id, row in enumerate(rows, start=1):
            assert_outcome(found[table, row_id], row)
        assert_unknown_texts(source, table, [(found[table, i], row) for i, row in enumerate(rows, start=1)])
    (file,) = export_sources([source], tmp_path / "out")
    rebuilt, original = dump(file.path), dump(path)
    for table, kept in original["rows"].items():
        assert set(rebuilt["rows"][table]) ^ set(kept) == set()
    assert rebuilt == original
    assert failures(source, tmp_path) == []
    states = Counter(row.state for row in ledger)
    tally("rows with a hostile cell: landed, rebuilt cell for cell", states["live"])
    tally("rows with a hostile cell: quarantined, rebuilt cell for cell", states["quarantined"])


@pytest.mark.parametrize("name", ["primary", "week3", "content", "attribution", "ab_testing"])
def test_unusual_spellings_without_an_odd_cell_beside_them_come_back(name: str, tmp_path: Path) -> None:
    """A column with an odd cell is always searched for residue; these five sources have every codec."""
    source = source_named(name)
    planted = {t.name: [row for row in hostile_rows(t) if row.lands and is_clean(t, row)] for t in source.tables}
    assert all(len(planted[table.name]) > len(table.columns) for table in source.tables)
    path = DrawnFile(source, tuple(drawn(table, planted[table.name]) for table in source.tables)).write(tmp_path)

    report = run_import(name, tmp_path)

    assert report.status == "completed"
    (file,) = export_sources([source], tmp_path / "out")
    assert dump(file.path) == dump(path)


def test_the_five_sources_have_every_codec() -> None:
    five = [source_named(name) for name in ("primary", "week3", "content", "attribution", "ab_testing")]
    used = {(c.codec.name, c.codec.storage) for source in five for table in source.tables for c in table.columns}

    assert used == {(codec.name, codec.storage) for codec in declared_codecs()} - {("integer(1,5)", "integer")}


def is_clean(table: Table, row: HostileRow) -> bool:
    """Say whether every cell is of the class its codec expects."""
    storages = {name: column.codec.storage for column in table.columns for name in column.legacy_names}
    plain = (serialize_stage_cell(cell.value, storages[name]) for name, cell in row.cells.items() if not cell.as_text)
    return not any(cell is not None and cell.startswith(MARK) for cell in plain)


def assert_outcome(found: LedgerRow, row: HostileRow) -> None:
    told = f"{found.legacy_table}.{row.column}: {[str(row.cells[name]) for name in row.column.split(', ') if name]}"
    if row.lands is not None:
        assert found.state == ("live" if row.lands else "quarantined"), f"{told} {found.reasons}"
    if found.state == "quarantined":
        assert {reason["column"] for reason in found.reasons or []} == {row.column}, told


def assert_unknown_texts(source: Source, name: str, rows: list[tuple[LedgerRow, HostileRow]]) -> None:
    table = source.find_table(name)
    assert table
    keys = [found.target_key for found, _ in rows]
    landed = apps.get_model(table.model)._base_manager.using(source.database).in_bulk(keys)
    for found, row in rows:
        if row.unknown:
            assert getattr(landed[found.target_key], row.unknown) == "Unknown", row.column
            assert (found.cells or {}).get(row.column, "nothing kept") is None, row.column


def drawn(table: Table, rows: list[HostileRow]) -> DrawnTable:
    """Return the table to write: its columns have no type, so that SQLite converts nothing."""
    names = [name for column in table.columns for name in column.legacy_names]
    return DrawnTable(
        name=table.name,
        columns=tuple((name, "") for name in names),
        key=(),
        rows=tuple(tuple(row.cells[name] for name in names) for row in rows),
    )


def test_the_matrix_holds_every_mapped_table_and_thousands_of_cells() -> None:
    sizes = [len(hostile_rows(table)) for source in SOURCES for table in source.tables]

    assert len(sizes) == 27
    assert sum(sizes) > 4000
