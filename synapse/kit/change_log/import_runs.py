"""The imports that changes come from, as the timeline speaks of them.

What lives here: the questions. What does not: the answers; the room of the import registers them, for this one may not
know it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class ImportWords:
    """What a run is called, and the address of its page; empty where the person may not see it."""

    words: str
    link: str = ""


AN_IMPORT: Final = ImportWords("an import")
"""A run that nobody knows any more."""


class Imports(Protocol):
    """What knows the import's runs."""

    def runs(self, request: HttpRequest, alias: str, keys: Collection[UUID]) -> Mapping[UUID, ImportWords]:
        """Return the words of the runs that are known, by their keys."""

    def origins(self, request: HttpRequest, alias: str, table: str, key: UUID) -> Collection[ImportWords]:
        """Return the runs that brought the row: the log has no import's inserts."""

    def claims(self, alias: str, table: str) -> Collection[UUID]:
        """Return the keys of the rows that legacy rows stand behind, those deleted here too; ask it of small tables."""


class _NoImports:
    def runs(self, request: HttpRequest, alias: str, keys: Collection[UUID]) -> Mapping[UUID, ImportWords]:  # noqa: ARG002  # the protocol's
        return {}

    def origins(self, request: HttpRequest, alias: str, table: str, key: UUID) -> Collection[ImportWords]:  # noqa: ARG002
        return ()

    def claims(self, alias: str, table: str) -> Collection[UUID]:  # noqa: ARG002
        return ()


_imports: list[Imports] = [_NoImports()]


def ask_imports_of(imports: Imports) -> None:
    """Have the timeline ask these imports from now on."""
    _imports[0] = imports


def imports() -> Imports:
    """Return what knows the import's runs."""
    return _imports[0]
