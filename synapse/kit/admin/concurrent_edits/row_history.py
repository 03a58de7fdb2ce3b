"""Who changed or deleted a row: the questions that this folder asks of the change log.

The change log stands above the admin and registers its answers at start (synapse.kit.change_log.row_history), so that
the admin does not import it: dependency inversion through a protocol.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db.models import Model


@dataclass(frozen=True, slots=True)
class LoggedChange:
    """One logged change: who made it (in words, never empty), when, and of a deletion the deleted row.

    `author` is the username, empty where the change has none. Of a deletion `row` holds the row's columns as JSON has
    them, and `link` is the page on which it can be restored.
    """

    who: str
    author: str
    at: datetime
    row: Mapping[str, Any] = field(default_factory=dict)
    link: str = ""


class RowHistory(Protocol):
    """Answers who changed a row."""

    def latest_changes(self, row: Model) -> Mapping[str, LoggedChange]:
        """Return the latest change of each column of the row that changed lately, by the column's database name."""

    def find_deletion(self, model: type[Model], key: Any, alias: str) -> LoggedChange | None:
        """Return the deletion of the row with this key; None where none is logged."""


class _NoHistory:
    def latest_changes(self, row: Model) -> Mapping[str, LoggedChange]:  # noqa: ARG002  # the protocol's
        return {}

    def find_deletion(self, model: type[Model], key: Any, alias: str) -> LoggedChange | None:  # noqa: ARG002
        return None


_history: list[RowHistory] = [_NoHistory()]


def register_row_history(history: RowHistory) -> None:
    """Have the pages ask this history from now on."""
    _history[0] = history


def row_history() -> RowHistory:
    """Return the registered history; before the change log is ready it knows nothing."""
    return _history[0]
