"""How an import tells where it is.

What lives here: the stages by name and the listener every step reports to. What does not: drawing (the commands).
"""

from typing import Final, Literal

StageName = Literal[
    "lock", "snapshot", "extract", "judge", "compare", "merge", "ledger", "archive", "repair", "refresh", "commit"
]

STAGES: Final[tuple[StageName, ...]] = (
    "lock",
    "snapshot",
    "extract",
    "judge",
    "compare",
    "merge",
    "ledger",
    "archive",
    "repair",
    "refresh",
    "commit",
)
"""The stages in the order a source enters them; those between judge and ledger come once for each table."""


class Progress:
    """A listener that stays silent; subclasses draw, log, or stop the import."""

    def begin_source(self, source: str, *, total_rows: int) -> None:
        """Say that reading the source's rows begins."""

    def enter_stage(self, source: str, stage: StageName, table: str = "") -> None:
        """Say that a stage begins, for one table or (empty) for the source."""

    def advance_rows(self, rows: int) -> None:
        """Say that so many more rows have been read."""
