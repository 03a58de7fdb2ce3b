"""What the legacy commands print on a terminal: a progress bar while they work, a table when they are done.

Called by `import_legacy` and `validate_migration`; `make_console` by all that print tables.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import Final

from rich import box
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from legacy_import.pipeline.progress import Progress, StageName
from legacy_import.pipeline.report import SourceReport, TableCounts
from synapse.foundation.terminal import TerminalConsole

_DOING: Final[dict[StageName, str]] = {
    "lock": "waiting for its turn",
    "snapshot": "taking a snapshot",
    "extract": "reading",
    "judge": "judging",
    "compare": "comparing",
    "merge": "merging",
    "ledger": "writing the ledger of",
    "archive": "archiving",
    "repair": "linking rows",
    "refresh": "refreshing views",
    "commit": "committing",
}


class _Rate(ProgressColumn):
    """Rows per second."""

    def render(self, task: Task) -> Text:
        """Return the speed, empty before there is one."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f} rows/s" if speed else "", style="progress.data.speed")


class _BarProgress(Progress):
    """Draws one bar for each source."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._task = bar.add_task("", total=None, visible=False)
        self._source = ""

    def enter_stage(self, source: str, stage: StageName, table: str = "") -> None:
        """Name the stage; the first one of a source gives it its own bar."""
        if source != self._source:
            self._source = source
            self._task = self._bar.add_task(source, total=None)
        self._bar.update(self._task, description=f"{source}: {_DOING[stage]} {table}".strip())

    def begin_source(self, source: str, *, total_rows: int) -> None:  # noqa: ARG002 - the bar is this source's already
        """Give the bar its length."""
        self._bar.update(self._task, total=total_rows)

    def advance_rows(self, rows: int) -> None:
        """Move the bar."""
        self._bar.advance(self._task, rows)


@contextmanager
def show_progress(*, enabled: bool) -> Iterator[Progress]:
    """Yield a listener that draws on standard error, if that is a terminal; else a silent one."""
    console = TerminalConsole(stderr=True)
    if not enabled or not console.is_terminal:
        yield Progress()
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=console) as bar:
        yield _BarProgress(bar)


def print_import_summary(reports: list[SourceReport], *, dry_run: bool) -> None:
    """Print a table of what became of every legacy table's rows, then errors and remarks."""
    console = make_console()
    outcomes = [field.name for field in fields(TableCounts)]
    title = "What would happen (dry run: nothing was changed)" if dry_run else "What became of the rows"
    table = Table(title=title, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("source: table", no_wrap=True)
    for outcome in outcomes:
        table.add_column(outcome, justify="right", no_wrap=True)
    shown = [(report, name, counts) for report in reports for name, counts in report.tables.items() if counts.read]
    for report, name, counts in shown:
        figures = (f"{count:,}" if (count := getattr(counts, outcome)) else "·" for outcome in outcomes)
        table.add_row(f"{report.source}: {name}", *figures)
    if table.rows:
        console.print(table)
    if empty := sum(len(report.tables) for report in reports) - len(shown):
        console.print(
            Text(f"{empty} more tables hold no rows" if empty > 1 else "1 more table holds no rows", style="dim")
        )
    for report in reports:
        if report.error:
            console.print(Text(f"failed, nothing changed: {report.error}", style="bold red"), soft_wrap=True)
        quarantined = sum(counts.quarantined for counts in report.tables.values())
        if quarantined:
            rows = "1 row is" if quarantined == 1 else f"{quarantined:,} rows are"
            where = "their reasons stand in the admin under Quarantine"
            console.print(Text(f"{report.source}: {rows} in quarantine; {where}", style="yellow"), soft_wrap=True)
        for note in report.notes:
            console.print(Text(f"{report.source}: {note}", style="dim"), soft_wrap=True)


def make_console() -> TerminalConsole:
    """Return a console that does not squeeze tables where the output is no terminal."""
    console = TerminalConsole()
    return console if console.is_terminal else TerminalConsole(width=120)
