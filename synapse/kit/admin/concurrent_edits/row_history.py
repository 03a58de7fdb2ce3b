"""Who changed or deleted a row, as the pages that meet two people on one row ask it.

What lives here: the questions. What does not: the answers; the change log registers them (synapse.kit.change_log).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db.models import Model


@dataclass(frozen=True, slots=True)
class Told:
    """A change that was written down: who made it (in words, never empty), when, and the row it took where it took one.

    `author` is the username, empty where the change has none. Of a deletion `row` holds the row's columns as JSON has
    them, and `link` is the page on which it can be brought back.
    """

    who: str
    author: str
    at: datetime
    row: Mapping[str, Any] = field(default_factory=dict)
    link: str = ""


class RowHistory(Protocol):
    """What knows the past of rows."""

    def latest_changes(self, row: Model) -> Mapping[str, Told]:
        """Return the latest change of each column of the row that changed lately, by the column's database name."""

    def deletion(self, model: type[Model], key: Any, alias: str) -> Told | None:
        """Return who deleted the row with this key; None where nothing tells of it."""


class _NoHistory:
    def latest_changes(self, row: Model) -> Mapping[str, Told]:  # noqa: ARG002  # the protocol's
        return {}

    def deletion(self, model: type[Model], key: Any, alias: str) -> Told | None:  # noqa: ARG002
        return None


_history: list[RowHistory] = [_NoHistory()]


def ask_history_of(history: RowHistory) -> None:
    """Have the pages ask this history from now on."""
    _history[0] = history


def row_history() -> RowHistory:
    """Return what knows the past of rows; before the change log is ready it knows nothing."""
    return _history[0]
