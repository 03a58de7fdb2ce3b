"""The table of mutations in docs/reliability.md, and the list of those left alive.

Written by run where --write names the file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tests.mutations.left_alive import LEFT_ALIVE, LeftAlive

_BEGIN: Final = "<!-- mutations: written by make mutants -->\n"
_END: Final = "<!-- end of mutations -->\n"
_HEAD: Final = "| folder | mutants there are | sample | killed | left alive |\n| --- | ---: | ---: | ---: | ---: |\n"


@dataclass(frozen=True, slots=True)
class AreaFigures:
    """How many mutants an area has, and what became of the sample."""

    population: int
    sample: int
    killed: int

    @property
    def alive(self) -> int:
        """Return how many no test saw."""
        return self.sample - self.killed


def table(areas: Mapping[str, AreaFigures]) -> str:
    """Return a row for each area and one for their sum."""
    whole = AreaFigures(
        sum(one.population for one in areas.values()),
        sum(one.sample for one in areas.values()),
        sum(one.killed for one in areas.values()),
    )
    rows = [(f"`{area}`", figures) for area, figures in areas.items()] + [("together", whole)]
    lines = [f"| {name} | {one.population:,} | {one.sample} | {one.killed} | {one.alive} |\n" for name, one in rows]
    return _HEAD + "".join(lines)


def with_table(document: str, areas: Mapping[str, AreaFigures], *, seed: int) -> str:
    """Return the document with the table and the list of those left alive between its marks."""
    return with_section(document, _BEGIN, _END, f"Seed {seed}.\n\n{table(areas)}\n{_reasons(LEFT_ALIVE)}")


def with_section(document: str, begin: str, end: str, text: str) -> str:
    """Return the document with the text between two marks. Raises ValueError where it has not both."""
    if begin not in document or end not in document:
        raise ValueError(f"the document has no place between {begin.strip()} and {end.strip()}")
    before, _, rest = document.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{text}\n{end}{after}"


def _reasons(left: Sequence[LeftAlive]) -> str:
    head = "| left alive | as mutated | why |\n| --- | --- | --- |\n"
    return head + "".join(
        f"| `{one.path}`: {_code(one.before)} | {_code(one.after)} | {one.reason} |\n" for one in left
    )


def _code(text: str) -> str:
    return "``" + text.replace("|", "\\|") + "``"
