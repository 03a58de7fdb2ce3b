"""Break every codec, one part at a time, and see a test go red: `make mutants`.

What lives here: running the tests against each mutant, in one session of pytest, and the table of what killed it. What
does not: the mutants (codec_mutants). Arguments: words that a mutant's codec or part must contain. Ends with 1 where a
mutant survives.
"""

import sys
from time import perf_counter
from typing import Final

import pytest
from _pytest.runner import runtestprotocol

from tests.mutations.codec_mutants import Mutant, broken, mutants

# The quick ones first: most mutants need no others.
_FILES: Final = (
    "tests/integration/legacy_import/test_codecs.py",
    "tests/integration/legacy_import/test_codecs_times.py",
    "tests/integration/legacy_import/test_codecs_readable.py",
    "tests/integration/legacy_import/test_codecs_declared.py",
    "tests/integration/legacy_import/pipeline/judge/test_hostile_matrix.py",
    "tests/integration/legacy_import/test_codecs_fuzz.py",
)


class MutantLoop:
    """A pytest plugin that runs the collected tests once for each mutant, until one goes red."""

    def __init__(self, words: list[str]) -> None:
        self._words = words
        self.exit_code = 2

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if first := self._first_red(session):
            print(f"{first} fails without any mutant: mend that first.")
            return True
        started = perf_counter()
        chosen = [
            mutant for mutant in mutants() if all(word in f"{mutant.codec} {mutant.part}" for word in self._words)
        ]
        killed = sum(self._is_killed(session, mutant) for mutant in chosen)
        print(f"{len(chosen)} mutants, {killed} killed, in {perf_counter() - started:.0f} s")
        self.exit_code = int(killed < len(chosen))
        return True

    def _is_killed(self, session: pytest.Session, mutant: Mutant) -> bool:
        with broken(mutant):
            killer = self._first_red(session)
        told = f"{mutant.codec:<32} {mutant.storage:<8} {mutant.part:<14} {mutant.label:<24} {killer or 'SURVIVED'}"
        print(told, flush=True)
        return bool(killer)

    def _first_red(self, session: pytest.Session) -> str:
        """Return the first test that fails, empty where none does."""
        items = session.items
        for item, following in zip(items, [*items[1:], items[0]], strict=True):
            reports = runtestprotocol(item, nextitem=following, log=False)
            if any(report.failed for report in reports):
                session._setupstate.teardown_exact(items[0])
                return item.nodeid.rpartition("/")[2][:90]
        return ""


def main(words: list[str]) -> int:
    """Print a line per mutant, then the figures; return how the process ends."""
    loop = MutantLoop(words)
    pytest.main(["-q", "-s", "-p", "no:cacheprovider", *_FILES], plugins=[loop])
    return loop.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
