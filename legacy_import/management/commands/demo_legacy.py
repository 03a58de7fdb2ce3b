"""`manage.py demo_legacy`: write 13 legacy SQLite files of invented data."""

import argparse
import sys
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from legacy_import.demo import DemoRefusedError, Outcome, write_demo_legacy
from legacy_import.management.contained_command import LegacyCommand
from synapse.foundation.terminal import TerminalConsole

_REFUSED = 1
_USAGE = 2


class Command(LegacyCommand):
    help = "Write 13 legacy SQLite files of invented data: the specification's figures, dates running up to today."
    # No system checks: they ask the databases, and the files must be there before PostgreSQL is.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path, help="A folder that is empty or does not exist.")
        parser.add_argument("--rows", type=_parse_row_count, help="How many rows the primary file holds in all.")
        parser.add_argument(
            "--dirty", type=_parse_share, default=Fraction(0), help="Share of its rows, 0 to 1, to spoil."
        )
        parser.add_argument("--seed", type=int, default=1, help="Equal seeds give equal files.")
        parser.add_argument("--today", type=_parse_date, help="The newest day, YYYY-MM-DD; by default today.")

    def handle(
        self,
        *_args: Any,
        directory: Path,
        rows: int | None,
        dirty: Fraction,
        seed: int,
        today: date | None,
        **_options: Any,
    ) -> None:
        try:
            with _make_progress_bar(rows) as progress:
                task = progress.add_task("primary", total=rows)
                summary = write_demo_legacy(
                    Path(directory),
                    rows=rows,
                    dirty=dirty,
                    seed=seed,
                    today=today or datetime.now(tz=ZoneInfo(settings.LEGACY_TIME_ZONE)).date(),
                    on_progress=lambda written: progress.advance(task, written),
                )
        except DemoRefusedError as refusal:
            raise CommandError(str(refusal), returncode=_REFUSED) from refusal
        except ValueError as error:
            raise CommandError(str(error), returncode=_USAGE) from error
        spoilt = ""
        if summary.hostile:
            lands, quarantined = (
                summary.count_hostile_rows(outcome) for outcome in (Outcome.LANDS, Outcome.QUARANTINED)
            )
            spoilt = f" {lands:,} hostile rows are to land, {quarantined:,} to be quarantined."
        files, rows_written = len(summary.rows), summary.total_rows
        self.stdout.write(f"Wrote {files} files with {rows_written:,} rows to {summary.directory}.{spoilt}")


def _make_progress_bar(rows: int | None) -> Progress:
    """Return a bar that shows on a terminal only, and only where there is something to wait for."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=TerminalConsole(stderr=True),
        disable=rows is None or not sys.stderr.isatty(),
    )


def _parse_row_count(text: str) -> int:
    count = int(text)
    if count < 0:
        raise argparse.ArgumentTypeError(f"{text} is negative")
    return count


def _parse_share(text: str) -> Fraction:
    try:
        share = Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise argparse.ArgumentTypeError(f"{text} is no fraction") from error
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text} does not lie between 0 and 1")
    return share


def _parse_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no date of the form YYYY-MM-DD") from error
