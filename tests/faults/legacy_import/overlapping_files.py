"""Legacy files that repeat each other's rows, in two versions, with everything in them that an import has to survive.

What lives here: the operations that make them from demonstration files, all drawn from one seed.
"""

import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from legacy_import.demo import write_demo_legacy
from legacy_import.demo.rows import seeded_random
from legacy_import.sources import source_named
from tests.faults.legacy_import.disturbed_tables import KINDS, PERFORMANCE, Kind

LINKEDIN = ("primary", "duplicate", "week3", "content", "twitter")
FAMILIES = (LINKEDIN, PERFORMANCE)

FIRST_ROWS = 5
OPERATIONS = 14


@dataclass(frozen=True, slots=True)
class Operation:
    """One statement on one source's file, from one version on."""

    version: int
    source: str
    sql: str
    parameters: tuple[object, ...]


def write_family(folder: Path, *, seed: int) -> list[Path]:
    """Write both versions of the files, one folder each, and return the folders."""
    return build(folder, operations(seeded_random(seed, "overlapping files")))


def emptied() -> list[Operation]:
    """Return the operations that leave none of the demonstration rows."""
    return [Operation(1, kind.source, f"DELETE FROM {kind.table}", ()) for kind in KINDS]


def row(version: int, source: str, table: str, **cells: object) -> Operation:
    """Return an insert of a row that lands, with these cells; it takes the place of a row with its key."""
    kind = next(kind for kind in KINDS if (kind.source, kind.table) == (source, table))
    return _inserted(version, kind, {**kind.fixed, **cells})


def operations(rng: Random) -> list[Operation]:
    """Draw what happens to the files: rows come, change, break, mend and go."""
    drawn = emptied()
    for kind in KINDS:
        drawn += [_insert(rng, kind, 1) for _ in range(FIRST_ROWS)]
        drawn += [_change(rng, kind, 1) for _ in range(OPERATIONS // 2)]
        drawn += [rng.choice((_insert, _change, _change, _delete))(rng, kind, 2) for _ in range(OPERATIONS // 2)]
    return drawn


def build(folder: Path, drawn: list[Operation]) -> list[Path]:
    """Write the files of both versions that the operations make of the demonstration files."""
    first, second = folder / "version-1", folder / "version-2"
    write_demo_legacy(first, rows=None, dirty=0.0, seed=1, today=date(2025, 8, 26))
    _apply(first, drawn, version=1)
    shutil.copytree(first, second)
    _apply(second, drawn, version=2)
    return [first, second]


def _apply(folder: Path, drawn: list[Operation], *, version: int) -> None:
    for name in {operation.source for operation in drawn}:
        with closing(sqlite3.connect(folder / source_named(name).path)) as file, file:
            # Real files hold values that break their own rules: written before the rule was.
            file.execute("PRAGMA ignore_check_constraints = ON")
            for operation in drawn:
                if operation.source == name and operation.version == version:
                    file.execute(operation.sql, operation.parameters)


def _insert(rng: Random, kind: Kind, version: int) -> Operation:
    return _inserted(version, kind, {kind.key: rng.choice(kind.keys), **kind.fixed, **_some_choices(rng, kind)})


def _inserted(version: int, kind: Kind, cells: Mapping[str, object]) -> Operation:
    names, marks = ", ".join(cells), ", ".join("?" * len(cells))
    sql = f"INSERT OR REPLACE INTO {kind.table} ({names}) VALUES ({marks})"
    return Operation(version, kind.source, sql, tuple(cells.values()))


def _change(rng: Random, kind: Kind, version: int) -> Operation:
    column = rng.choice(sorted(kind.choices))
    sql = f"UPDATE OR IGNORE {kind.table} SET {column} = ? WHERE {kind.key} IS ?"
    return Operation(version, kind.source, sql, (rng.choice(kind.choices[column]), rng.choice(kind.keys)))


def _delete(rng: Random, kind: Kind, version: int) -> Operation:
    return Operation(version, kind.source, f"DELETE FROM {kind.table} WHERE {kind.key} IS ?", (rng.choice(kind.keys),))


def _some_choices(rng: Random, kind: Kind) -> Mapping[str, object]:
    """Return readable values mostly: a file where nothing lands shows nothing."""
    return {name: rng.choice(values[:3]) for name, values in kind.choices.items() if rng.random() < 0.5}
