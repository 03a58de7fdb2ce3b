"""A whole validation: its checks, what they add up to, and what to do next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from legacy_import.validation.check import MISSING_ROWS, Check, all_passed

AGREE: Final = "PostgreSQL and the legacy files agree"

_STEPS: Final = {
    MISSING_ROWS: "say what became of the missing rows, as the check says, then validate again",
    "legacy file": (
        "put the missing file in its place (backups restore SOURCE --in-place), or withdraw its source where it was"
        " deleted for good (legacy_sources withdraw SOURCE), then validate again"
    ),
}
"""What to do where a check of that topic has failed."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a validation found, when, of which folder, and who asked (empty where nobody is named)."""

    checks: tuple[Check, ...]
    legacy_dir: Path
    begun_at: datetime
    seconds: float
    requested_by: str = ""
    sources: tuple[str, ...] = ()
    """The sources that alone were asked for; empty where all were."""

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all_passed(self.checks)

    @property
    def failed(self) -> list[Check]:
        """The checks that failed."""
        return [check for check in self.checks if not check.passed]

    @property
    def topics(self) -> Iterator[tuple[str, list[Check]]]:
        """The checks by what was asked, in the order they were made."""
        for topic in dict.fromkeys(check.topic for check in self.checks):
            yield topic, [check for check in self.checks if check.topic == topic]

    @property
    def verdict(self) -> str:
        """The verdict as one sentence."""
        if self.passed:
            return f"{AGREE}, as far as asked: {', '.join(self.sources)}" if self.sources else AGREE
        failed = len(self.failed)
        return f"{failed} of {len(self.checks)} checks failed" if self.checks else "nothing was checked"

    @property
    def next_step(self) -> str:
        """What to do next, empty where there is nothing."""
        if self.passed:
            newer = sum(d.explanation == "newer in legacy" for check in self.checks for d in check.differences)
            return "import_legacy --all brings what is newer in the files" if newer else ""
        if any("run import_legacy" in check.detail for check in self.failed):
            return "import first: import_legacy --all"
        topics = {check.topic for check in self.failed}
        for topic, step in _STEPS.items():
            if topic in topics:
                return step
        if self._only_inquiries_wait:
            # The check of all sources has the sum.
            waiting = max(int(check.figures["inquiries_waiting"]) for check in self.failed)
            them = "the inquiry that waits" if waiting == 1 else f"the {waiting:,} inquiries that wait"
            return f"settle {them} in the quarantine of the business core database, then validate again"
        if topics == {"query performance"}:
            return "the data agree; look at the plans of the slow queries, when nothing else keeps the machine busy"
        return (
            "look up each row that is named in the admin's history: put right what nobody meant to change, or have "
            "whoever meant it make the change again under their own name; then validate again"
        )

    @property
    def _only_inquiries_wait(self) -> bool:
        """Whether nothing differs without a reason, and inquiries wait in the quarantine."""
        unexplained = any(d.explanation == "unexplained" for check in self.failed for d in check.differences)
        waits = [bool(check.figures.get("inquiries_waiting")) for check in self.failed]
        return bool(waits) and all(waits) and not unexplained

    def sum_figure(self, figure: str) -> int:
        """Return a figure summed up over all checks."""
        return sum(int(check.figures.get(figure, 0)) for check in self.checks)

    @property
    def opened(self) -> str:
        """How many of the files' inquiries can be opened or were settled, as "47 of 50"; empty where unknown."""
        for check in self.checks:
            if "value" in check.figures and "inquiries_in_files" in check.figures:
                figures = check.figures
                opened = int(figures["inquiries_opened"]) + int(figures["inquiries_settled"])
                return f"{opened:,} of {int(figures['inquiries_in_files']):,}"
        return ""

    @property
    def value(self) -> Decimal | None:
        """What the inquiries here are worth, None where that could not be found out."""
        values = [check.figures["value"] for check in self.checks if "value" in check.figures]
        return Decimal(values[0]) if values else None

    def as_json(self) -> dict[str, Any]:
        """Return the report in the shape of the command line's contract, with what more there is."""
        return {
            "passed": self.passed,
            "verdict": self.verdict,
            "next_step": self.next_step,
            "begun_at": self.begun_at.isoformat(),
            "seconds": round(self.seconds, 3),
            "figures": {
                "rows": self.sum_figure("rows"),
                "cells": self.sum_figure("cells"),
                "inquiries": self.sum_figure("inquiries"),
                "value": None if self.value is None else str(self.value),
                "queries": self.sum_figure("queries"),
            },
            "checks": [check.as_json() for check in self.checks],
        }
