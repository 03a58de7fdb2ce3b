"""What validate_migration prints on a terminal: the checks by topic, the first differences, the verdict.

The page one can send is in `legacy_import.validation.html_report`.
"""

from typing import Final

from rich import box
from rich.table import Table
from rich.text import Text

from legacy_import.cell_display import visible
from legacy_import.management.terminal_output import make_console
from legacy_import.validation.check import Check
from legacy_import.validation.report import Report
from synapse.foundation.terminal import TerminalConsole

_MAX_DIFFERENCES: Final = 5
"""Of a failed check; the report has more."""


def print_report(report: Report, console: TerminalConsole | None = None) -> None:
    """Print each check under its topic, then what differs, then the verdict."""
    console = console or make_console()
    for topic, checks in report.topics:
        _print_topic(console, topic, checks)
    for check in report.failed:
        _print_failure(console, check)
    _print_verdict(console, report)


def _print_topic(console: TerminalConsole, topic: str, checks: list[Check]) -> None:
    table = Table(title=topic, title_justify="left", title_style="bold", box=box.SIMPLE, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for check in checks:
        mark = Text("✓", style="green") if check.passed else Text("✗", style="bold red")
        table.add_row(mark, Text(check.scope), Text(visible(check.detail), style="" if check.passed else "red"))
    console.print(table)


def _print_failure(console: TerminalConsole, check: Check) -> None:
    console.print(Text(f"✗ {check.name}", style="bold red"), soft_wrap=True)
    unexplained = [difference for difference in check.differences if difference.explanation == "unexplained"]
    if not unexplained:
        console.print(Text(f"  {visible(check.detail)}"), soft_wrap=True)
    for difference in unexplained[:_MAX_DIFFERENCES]:
        console.print(Text(f"  {visible(difference.as_sentence())}"), soft_wrap=True)
    if (more := len(unexplained) - _MAX_DIFFERENCES) > 0:
        console.print(Text(f"  … and {more:,} more in --json and --html", style="dim"))
    for line in check.lines:
        if plan := line.get("plan"):
            console.print(Text(f"  {line['query']}\n{plan}", style="dim"), soft_wrap=True)


def _print_verdict(console: TerminalConsole, report: Report) -> None:
    figures = f"{report.sum_figure('rows'):,} rows and {report.sum_figure('cells'):,} cells compared"
    if report.value is not None:
        figures += f"; {report.sum_figure('inquiries'):,} inquiries worth {report.value:,.2f}"
    figures += f"; {report.seconds:.1f} s"
    console.print(Text(f"{len(report.checks)} checks; {figures}"), soft_wrap=True)
    console.print(Text(report.verdict, style="bold green" if report.passed else "bold red"), soft_wrap=True)
    if report.next_step:
        console.print(Text(f"Next: {report.next_step}"), soft_wrap=True)
