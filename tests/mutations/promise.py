"""A figure that the documents promise: where it is in the code, and the test that holds it.

The figures are in promises_of_synapse and promises_of_legacy_import; run_promises puts each one step too low and one
step too high.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.mutations.mutant import Mutant, read_source

UNIT: Final = "tests/unit/"
INTEGRATION: Final = "tests/integration/"


@dataclass(frozen=True, slots=True)
class Promise:
    """What is promised in which document, the code that keeps it, and each step beyond.

    A step is a number that takes the place of the code's last one, or another code.
    """

    said: str
    document: str
    path: str
    code: str
    beyond: tuple[str, ...]
    test: str

    def mutants(self, project: Path) -> list[Mutant]:
        """Return a mutant for each step. Raises LookupError where the code does not stand there once."""
        file = read_source(project, self.path)
        if file.text.count(self.code) != 1:
            raise LookupError(f"{self.path} has {self.code!r} {file.text.count(self.code)} times, not once")
        start = file.text.index(self.code)
        end = start + len(self.code)
        return [file.mutant(start, end, _stepped(self.code, new), "promise") for new in self.beyond]


def _stepped(code: str, new: str) -> str:
    """Return the code with another last number, or another code where `new` is no number."""
    is_number = re.fullmatch(r"[\d_.]+", new)
    return re.sub(r"[\d_.]*\d(?=\D*$)", new, code) if is_number else new
