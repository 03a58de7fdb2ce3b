"""Mutants that were left alive, each with the reason.

`make mutants` fails where another one survives; --write puts this list into docs/reliability.md.
"""

from dataclasses import dataclass
from typing import Final

from tests.mutations.mutant import Mutant


@dataclass(frozen=True, slots=True)
class LeftAlive:
    """The file, the mutated line as it was and as it became, and why no test goes red."""

    path: str
    before: str
    after: str
    reason: str


LEFT_ALIVE: Final[tuple[LeftAlive, ...]] = ()


def reason_for(mutant: Mutant, source: str) -> str:
    """Return why the mutant was left alive; empty where it was not."""
    before, after = mutant.changed_lines(source)
    for one in LEFT_ALIVE:
        if (one.path, one.before, one.after) == (mutant.path, before, after):
            return one.reason
    return ""
