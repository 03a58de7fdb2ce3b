"""The imports that changes come from: the questions that the change log asks about runs.

legacy_import stands above and registers its answers at start (legacy_import.admin.change_origins), so that the change
log does not import it: dependency inversion through a protocol.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class RunLabel:
    """What a run is called, and the address of its page; empty where the person may not see it."""

    words: str
    link: str = ""


UNKNOWN_RUN: Final = RunLabel("an import")
"""A run that is not known any more."""


class ImportRuns(Protocol):
    """Answers what runs there are, and which rows they brought."""

    def describe_runs(self, request: HttpRequest, alias: str, keys: Collection[UUID]) -> Mapping[UUID, RunLabel]:
        """Return the labels of the runs that are known, by their keys."""

    def find_inserting_runs(self, request: HttpRequest, alias: str, table: str, key: UUID) -> Collection[RunLabel]:
        """Return the runs that inserted the row: the log has no import's inserts, its ledger has."""

    def imported_row_keys(self, alias: str, table: str) -> Collection[UUID]:
        """Return the keys of the rows that legacy rows were merged into, also of rows deleted here.

        For small tables: it reads them all.
        """


class _NoImportRuns:
    def describe_runs(self, request: HttpRequest, alias: str, keys: Collection[UUID]) -> Mapping[UUID, RunLabel]:  # noqa: ARG002  # the protocol's
        return {}

    def find_inserting_runs(self, request: HttpRequest, alias: str, table: str, key: UUID) -> Collection[RunLabel]:  # noqa: ARG002
        return ()

    def imported_row_keys(self, alias: str, table: str) -> Collection[UUID]:  # noqa: ARG002
        return ()


_answers: list[ImportRuns] = [_NoImportRuns()]


def register_import_runs(answers: ImportRuns) -> None:
    """Have the change log ask these answers from now on."""
    _answers[0] = answers


def import_runs() -> ImportRuns:
    """Return the registered answers; before legacy_import is ready they are empty."""
    return _answers[0]
