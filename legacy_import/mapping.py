"""The declarations' vocabulary: Source, Table, Column and Reference, frozen values that map legacy columns to targets.

The declarations themselves are legacy_import.sources; SQL is made from them in legacy_import.pipeline.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from string import ascii_lowercase, ascii_uppercase
from typing import Final, Literal

from legacy_import.codecs import Codec

Phase = Literal["core", "analytics", "revenue"]

UNKNOWN: Final = "Unknown"
"""The word of the legacy scripts for a text they do not know."""

_LOWER: Final = str.maketrans(ascii_uppercase, ascii_lowercase)


def fold_case(name: str) -> str:
    """Return a SQLite name as SQLite compares it: it ignores the case of ASCII letters, and of no others."""
    return name.translate(_LOWER)


@dataclass(frozen=True, slots=True)
class Reference:
    """A target column that points to a row of another target table.

    `text_column` is the parent's column that holds the legacy key; None where only the ledger knows it.
    """

    parent: str
    text_column: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One legacy column (or a pair that says one thing together) and the target column it fills.

    `stand_in` lands where the file says nothing and the target demands a text (NOT NULL): the cell is NULL, or this
    variant of the file has no such column. What else may be missing, and what lands then, is pipeline.stand_ins'.
    """

    legacy: str | tuple[str, ...]
    target: str
    codec: Codec
    reference: Reference | None = None
    stand_in: str = UNKNOWN

    @property
    def legacy_names(self) -> tuple[str, ...]:
        """The legacy columns, always as a tuple."""
        return (self.legacy,) if isinstance(self.legacy, str) else self.legacy


@dataclass(frozen=True, slots=True)
class Table:
    """One legacy table and the target model that its rows are merged into.

    `identity` names the legacy columns whose text makes the target key: two sources with equal identities mean one row.
    `constants` are target values known from the file's nature; `kept` are columns without a target: their cells are
    residue, in the ledger.
    """

    name: str
    model: str
    key: str
    identity: tuple[str, ...]
    columns: tuple[Column, ...]
    constants: Mapping[str, str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()

    def columns_present_in(self, names: Collection[str]) -> tuple[Column, ...]:
        """Return the declared columns that a variant of the file with these legacy columns has."""
        present = set(names)
        return tuple(column for column in self.columns if present.issuperset(column.legacy_names))

    def identifies_rows(self, column: Column) -> bool:
        """Say whether the column is the legacy key, or a part of the identity."""
        return not {self.key, *self.identity}.isdisjoint(column.legacy_names)

    def declared_spelling(self, column: str) -> str:
        """Return a legacy column's name as the declaration spells it; unchanged where it is not declared."""
        return next((name for name in self.declared_names if fold_case(name) == fold_case(column)), column)

    @property
    def declared_names(self) -> frozenset[str]:
        """Every legacy column the declaration knows."""
        return frozenset(self.kept).union(*(column.legacy_names for column in self.columns))


@dataclass(frozen=True, slots=True)
class Source:
    """One legacy SQLite file: its path, which database it is imported into, and what its tables mean.

    `rank` is its precedence: of sources that hold the same row, the one of lower rank owns it.
    Tables are listed parents first. `archived` names tables that have no target on purpose.
    """

    name: str
    path: str
    database: str
    phases: tuple[Phase, ...]
    rank: int
    tables: tuple[Table, ...]
    archived: tuple[str, ...] = ()

    @property
    def is_declared(self) -> bool:
        """Whether the source is one of legacy_import.sources; else it is a file of the folder that none declares."""
        return bool(self.phases)

    @property
    def snapshot_folder(self) -> str:
        """The name of the folder of its snapshots: its own, or, of a file whose path is its name, one made from it."""
        if self.is_declared:
            return self.name
        return f"undeclared-{hashlib.md5(self.name.encode(), usedforsecurity=False).hexdigest()[:16]}"

    def find_table(self, name: str) -> Table | None:
        """Return the declared table of that name, None where it has no target."""
        return next((table for table in self.tables if fold_case(table.name) == fold_case(name)), None)

    def declared_spelling(self, table: str) -> str:
        """Return a legacy table's name as the declaration spells it; unchanged where it is not declared."""
        known = (*(declared.name for declared in self.tables), *self.archived)
        return next((name for name in known if fold_case(name) == fold_case(table)), table)
