"""Whole legacy files as hypothesis draws them: declared tables in any variant, undeclared ones, and hostile rows.

What lives here: the drawing, and writing what was drawn. What does not: cells (cell_strategies), comparing files
(file_dump).
"""

import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.vendor.pretty import RepresentationPrinter

from legacy_import import codecs
from legacy_import.mapping import Source, Table, fold_case
from legacy_import.pipeline.stage.legacy_schema import quote_sqlite_name
from legacy_import.pipeline.stand_ins import is_optional_column
from legacy_import.sources import SOURCES
from tests.integration.legacy_import.pipeline.properties.cell_strategies import ANY_CELLS, KEYS, StoredCell, cells_for

TYPES = ["", "TEXT", "INTEGER", "REAL", "TIMESTAMP", "BLOB", "NUMERIC", "BOOLEAN", "VARCHAR(20)", "DOUBLE PRECISION"]
NATURAL = {"text": "TEXT", "integer": "INTEGER", "real": "REAL"}
ODD_NAMES = [
    'odd " name',
    "it's",
    " ",
    "",
    "rowid",
    "oid",
    "_rowid_",
    "row_id",
    "c0",
    "c1",
    "key",
    "surrogate",
    "ledger_id",
    "target_key",
    "v_content",
    "%s",
    "%",
    "{t}",
    "back\\slash",
    "a/b",
    "a",
    "a, b",
    "Größe",
    "größe",
    "GRÖSSE",
    "new\nline",
    "\U0001f680",
    "select",
    "n",
    "x" * 100,
]

_LONGEST_REPR = 8_000


@dataclass(frozen=True, slots=True)
class DrawnTable:
    """A table to write. `key` are the primary key's columns; `generated` a column that SQLite computes, or empty."""

    name: str
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...]
    rows: tuple[tuple[StoredCell, ...], ...]
    without_rowid: bool = False
    generated: str = ""

    def ddl(self) -> str:
        parts = [f"{quote_sqlite_name(name)} {declared}" for name, declared in self.columns]
        if self.generated:
            first = quote_sqlite_name(self.columns[0][0])
            parts.append(f"{quote_sqlite_name(self.generated)} GENERATED ALWAYS AS (typeof({first})) VIRTUAL")
        if self.key:
            parts.append(f"PRIMARY KEY ({', '.join(map(quote_sqlite_name, self.key))})")
        ending = " WITHOUT ROWID" if self.without_rowid else ""
        return f"CREATE TABLE {quote_sqlite_name(self.name)} ({', '.join(parts)}){ending}"


@dataclass(frozen=True, slots=True, repr=False)
class DrawnFile:
    """A whole file of a source."""

    source: Source
    tables: tuple[DrawnTable, ...]

    def _repr_pretty_(self, printer: RepresentationPrinter, cycle: bool) -> None:  # noqa: ARG002, FBT001 - hypothesis calls it
        """Print the source and its tables, long cells cut: it is what hypothesis shows of a failure."""
        tables = (f"{table.ddl()}: {[list(map(str, row)) for row in table.rows]}" for table in self.tables)
        printer.text(f"<{self.source.name}: {'; '.join(tables)[:_LONGEST_REPR]}>")

    def write(self, folder: Path) -> Path:
        """Write the file anew under its path in a legacy folder; rows that break the drawn key are left out."""
        path = folder / self.source.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as file, file:
            file.execute("PRAGMA synchronous = OFF")
            for table in self.tables:
                file.execute(table.ddl())
                names = ", ".join(quote_sqlite_name(name) for name, _ in table.columns)
                for row in table.rows:
                    marks = ", ".join(cell.mark for cell in row)
                    insert = f"INSERT INTO {quote_sqlite_name(table.name)} ({names}) VALUES ({marks})"
                    with suppress(sqlite3.IntegrityError):
                        file.execute(insert, [cell.value for cell in row])
        return path


def _distinct(names: list[str]) -> list[str]:
    return list({fold_case(name): name for name in names}.values())


@st.composite
def _mapped_tables(draw: st.DrawFn, table: Table) -> DrawnTable:
    columns: list[tuple[str, str]] = []
    cells: list[st.SearchStrategy[StoredCell]] = []
    references = {name for column in table.columns if column.reference for name in column.legacy_names}
    for column in table.columns:
        if is_optional_column(table, column) and draw(st.integers(0, 9)) == 0:
            continue
        for name in column.legacy_names:
            natural = "TIMESTAMP" if column.codec is codecs.UTC_TIMESTAMP else NATURAL[column.codec.storage]
            columns.append((_respelled(draw, name), draw(st.sampled_from([natural, natural, natural, *TYPES]))))
            keyed = name in {table.key, *table.identity} or name in references
            cells.append(KEYS if keyed else cells_for(column.codec))
    for name in draw(st.lists(st.sampled_from([*table.kept, *ODD_NAMES]), max_size=3)):
        if fold_case(name) not in {fold_case(taken) for taken, _ in columns}:
            columns.append((name, draw(st.sampled_from(TYPES))))
            cells.append(ANY_CELLS)
    order = draw(st.permutations(range(len(columns)))) if draw(st.integers(0, 3)) == 0 else range(len(columns))
    columns, cells = [columns[i] for i in order], [cells[i] for i in order]
    key = next(name for name, _ in columns if fold_case(name) == fold_case(table.key))
    keys = draw(st.sampled_from([(key,), (key,), (key,), (), (key, columns[-1][0])]))
    return DrawnTable(
        name=_respelled(draw, table.name),
        columns=tuple(columns),
        key=tuple(dict.fromkeys(keys)),
        rows=_with_repeats(draw, draw(st.lists(st.tuples(*cells), max_size=5))),
        without_rowid=bool(keys) and draw(st.integers(0, 5)) == 0,
    )


def _respelled(draw: st.DrawFn, name: str) -> str:
    return name.swapcase() if draw(st.integers(0, 9)) == 9 else name


def _with_repeats(draw: st.DrawFn, rows: list[tuple[StoredCell, ...]]) -> tuple[tuple[StoredCell, ...], ...]:
    return tuple(rows + rows[:1]) if draw(st.booleans()) else tuple(rows)


@st.composite
def _free_tables(draw: st.DrawFn, name: str) -> DrawnTable:
    """Draw a table without a target, its columns anything."""
    names = _distinct(draw(st.lists(st.sampled_from(["id", "value", "notes", *ODD_NAMES]), min_size=1, max_size=5)))
    key = tuple(draw(st.lists(st.sampled_from(names), max_size=2, unique=True)))
    generated = draw(st.sampled_from(["", "", "computed", "rowid"]))
    return DrawnTable(
        name=name,
        columns=tuple((column, draw(st.sampled_from(TYPES))) for column in names),
        key=key,
        rows=_with_repeats(draw, draw(st.lists(st.tuples(*(KEYS for _ in names)), max_size=4))),
        without_rowid=bool(key) and draw(st.booleans()),
        generated="" if fold_case(generated) in map(fold_case, names) else generated,
    )


def _usable(name: str, declared: set[str]) -> bool:
    return bool(name.strip()) and fold_case(name) not in declared


@st.composite
def legacy_files(draw: st.DrawFn, sources: tuple[Source, ...] = SOURCES) -> DrawnFile:
    """Draw a file of one of the sources, with every declared table the import needs."""
    source = draw(st.sampled_from(sources))
    mapped = [draw(_mapped_tables(table)) for table in source.tables]
    declared = {fold_case(table.name) for table in source.tables}
    others = draw(st.lists(st.sampled_from([*source.archived, *ODD_NAMES]), max_size=3))
    free = [draw(_free_tables(name)) for name in _distinct(others) if _usable(name, declared)]
    return DrawnFile(source, tuple(draw(st.permutations([*mapped, *free]))))
