"""The figures of docs/reliability.md: counted by the tests that passed, shown at the end, written on request.

What lives here: the fixture `tally`, the table in pytest's closing lines, and `--reliability FILE`, which puts the rows
that this run measured into the file's table and leaves the others. What does not: any test.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, TypeAlias, cast

import pytest

Tally: TypeAlias = Callable[[str, int], None]
Figures: TypeAlias = dict[tuple[str, str], int]
"""How many of what kind were counted in which file."""

_PROPERTY: Final = "reliability"
_BEGIN: Final = "<!-- figures: written by make reliability -->\n"
_END: Final = "<!-- end of figures -->\n"
_HEAD: Final = "| what | figure | counted in |\n| --- | ---: | --- |\n"
_ROW: Final = re.compile(r"\| (?P<what>[^|]+) \| (?P<figure>[\d,]+) \| `(?P<file>[^`]+)` \|")


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    """Count so many of a kind, where the test passes: `tally("kill -9 of the importer, by stage", 1)`."""

    def _tally(kind: str, count: int) -> None:
        request.node.user_properties.append((_PROPERTY, (kind, count)))

    return _tally


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --reliability FILE."""
    parser.addoption("--reliability", type=Path, metavar="FILE", help="write the measured figures into FILE's table")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show what was counted; write it where that was asked for and nothing failed."""
    rows = measured(terminalreporter.getreports("passed"))
    if not rows:
        return
    terminalreporter.section("reliability")
    for (what, _), figure in rows.items():
        terminalreporter.write_line(f"{figure:>12,}  {what}")
    path: Path | None = config.getoption("--reliability")
    if path is None:
        return
    if terminalreporter.getreports("failed") or terminalreporter.getreports("error"):
        terminalreporter.write_line(f"{path} is left as it is: something failed")
        return
    path.write_text(with_rows(path.read_text(), rows))


def measured(reports: Iterable[pytest.TestReport]) -> Figures:
    """Return the sum of each kind in each test file that counted it."""
    figures: Counter[tuple[str, str]] = Counter()
    for report in reports:
        if report.when != "call":
            continue
        for name, value in report.user_properties:
            if name == _PROPERTY:
                kind, count = cast("tuple[str, int]", value)
                figures[kind, report.nodeid.split("::")[0]] += count
    return dict(sorted(figures.items()))


def with_rows(document: str, figures: Figures) -> str:
    """Return the document with these rows in its table; rows that were not measured now stay as they are.

    Raises ValueError where the document has no place for them.
    """
    if _BEGIN not in document or _END not in document:
        raise ValueError("the document has no place for the figures")
    before, _, rest = document.partition(_BEGIN)
    table, _, after = rest.partition(_END)
    kept = {(row["what"], row["file"]): int(row["figure"].replace(",", "")) for row in _ROW.finditer(table)}
    lines = [f"| {what} | {figure:,} | `{file}` |\n" for (what, file), figure in sorted((kept | figures).items())]
    return f"{before}{_BEGIN}\n{_HEAD}{''.join(lines)}\n{_END}{after}"
