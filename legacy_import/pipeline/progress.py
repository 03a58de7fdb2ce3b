"""How an import reports where it is: the names of its stages and the listener that every step calls.

The commands and jobs subclass Progress to draw, store or stop.
"""

from typing import Literal

StageName = Literal[
    "lock", "snapshot", "extract", "judge", "compare", "merge", "ledger", "archive", "repair", "refresh", "commit"
]
"""In the order a source enters them; those between judge and ledger come once for each table."""


class Progress:
    """A listener that does nothing; subclasses draw, log, or stop the import."""

    def begin_source(self, source: str, *, total_rows: int) -> None:
        """Say that reading the source's rows begins."""

    def enter_stage(self, source: str, stage: StageName, table: str = "") -> None:
        """Say that a stage begins; `table` is empty where it is the whole source's."""

    def advance_rows(self, rows: int) -> None:
        """Say that so many more rows have been read."""
