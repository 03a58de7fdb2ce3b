"""What `manage.py backups` prints: tables, progress bars while something is read or written, sizes and ages in words.

Sentences are in `backup_lines`.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from django.template.defaultfilters import filesizeformat
from django.utils.timezone import localtime
from rich import box
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from legacy_import.backups.dumps.kind import KeptDump
from legacy_import.services import SnapshotEntry
from synapse.foundation.terminal import TerminalConsole

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR


def format_size(size_bytes: int) -> str:
    """Return a size as people say it."""
    return filesizeformat(size_bytes).replace("\xa0", " ")


def format_age(taken_at: datetime, now: datetime) -> str:
    """Return how long ago that was, in its largest unit."""
    seconds = int((now - taken_at).total_seconds())
    for length, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return "now" if seconds >= 0 else "in the future"


def print_snapshot_table(entries: Sequence[SnapshotEntry], now: datetime) -> None:
    """Print the snapshots, each on one line."""
    table = _make_table("source", "taken at", "age", "size", "SHA-256", "read by the import of")
    for entry in entries:
        one = entry.snapshot
        reader = "none: saved by a restore" if one.is_before_restore else "none"
        if entry.run:
            reader = f"{localtime(entry.run.started_at):%Y-%m-%d %H:%M:%S} {entry.run.status}"
        table.add_row(
            one.origin,
            f"{localtime(one.taken_at):%Y-%m-%d %H:%M:%S}",
            format_age(one.taken_at, now),
            format_size(one.size_bytes) if one.path.is_file() else Text("missing", style="bold red"),
            one.manifest.sha256[:12] if one.manifest else Text("no manifest", style="bold red"),
            reader,
        )
    _print_table(table)


def print_dump_table(dumps: Sequence[KeptDump], now: datetime) -> None:
    """Print the dumps, each on one line."""
    table = _make_table("database", "taken at", "age", "size", "SHA-256", "rows", "why")
    for one in dumps:
        manifest = one.manifest
        why = manifest.reason if manifest else ""
        if manifest and manifest.requested_by:
            why += f", {manifest.requested_by}"
        table.add_row(
            one.origin,
            f"{localtime(one.taken_at):%Y-%m-%d %H:%M:%S}",
            format_age(one.taken_at, now),
            format_size(one.size_bytes) if one.path.is_file() else Text("missing", style="bold red"),
            manifest.sha256[:12] if manifest else Text("no manifest", style="bold red"),
            f"{manifest.row_count:,}" if manifest else "",
            Text(why),
        )
    _print_table(table)


def _make_table(*headings: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in headings:
        table.add_column(heading, justify="right" if heading in {"age", "size", "rows"} else "left", no_wrap=True)
    return table


def _print_table(table: Table) -> None:
    console = TerminalConsole()
    if not console.is_terminal:
        # rich takes 80 columns where the output is no terminal, and would cut paths and checksums.
        console = TerminalConsole(width=140)
    console.print(table)


@contextmanager
def show_bytes_read(*, enabled: bool) -> Iterator[tuple[Callable[[int], None], Callable[[int], None]]]:
    """Yield what sets the bar's length and what moves it, in bytes; it shows on a terminal only."""
    console = TerminalConsole(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not enabled or not console.is_terminal) as bar:
        task = bar.add_task("reading backups", total=None)
        yield (
            lambda total_bytes: bar.update(task, total=total_bytes),
            lambda read_bytes: bar.advance(task, read_bytes),
        )


@contextmanager
def show_bytes_written(what: str) -> Iterator[Callable[[int], None]]:
    """Yield what shows how many bytes have been written so far; on a terminal only."""
    console = TerminalConsole(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[size]}"),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=None, size="")
        yield lambda written_bytes: bar.update(task, size=format_size(written_bytes) if written_bytes else "")
