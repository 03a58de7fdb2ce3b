"""Break every codec, one part at a time, and see a test go red: `make mutants`.

What lives here: running the tests against each mutant and the table of what killed it. What does not: the mutants
(codec_mutants). Arguments: words that a mutant's codec or part must contain. Ends with 1 where a mutant survives.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import Final

from tests.mutations.codec_mutants import VARIABLE, Mutant, mutants

_ROOT: Final = Path(__file__).parent.parent.parent
_TESTS: Final = "tests/integration/legacy_import"
_ROUNDS: Final = (
    tuple(f"{_TESTS}/test_codecs{name}.py" for name in ("", "_times", "_readable")),
    (f"{_TESTS}/test_hostile_matrix.py", f"{_TESTS}/test_hostile_cells.py"),
    (f"{_TESTS}/test_codecs_fuzz.py",),
)
"""The quick tests first: most mutants need no others."""


def main(words: list[str]) -> int:
    """Print a line per mutant, then the figures; return how the process ends."""
    chosen = [mutant for mutant in mutants() if all(word in f"{mutant.codec} {mutant.part}" for word in words)]
    if not _passes_unbroken():
        print("The tests fail without any mutant: mend that first.")
        return 2
    survivors = 0
    started = perf_counter()
    for mutant in chosen:
        killer = next(filter(None, (_killer(mutant, files) for files in _ROUNDS)), "")
        survivors += not killer
        print(
            f"{mutant.codec:<32} {mutant.storage:<8} {mutant.part:<14} {mutant.label:<24} {killer or 'SURVIVED'}",
            flush=True,
        )
    print(f"{len(chosen)} mutants, {len(chosen) - survivors} killed, in {perf_counter() - started:.0f} s")
    return 1 if survivors else 0


def _passes_unbroken() -> bool:
    files = [file for files in _ROUNDS for file in files]
    return _run([*files, "--create-db"], dict(os.environ)).returncode == 0


def _killer(mutant: Mutant, files: tuple[str, ...]) -> str:
    """Return the first test that the mutant makes fail, empty where none does."""
    environment = {**os.environ, VARIABLE: mutant.as_json()}
    done = _run([*files, "-p", "tests.mutations.broken_codec", "-x", "--reuse-db"], environment)
    if done.returncode == 0:
        return ""
    found = re.search(r"^(?:FAILED|ERROR) \S+/(\S+?::\w+)", done.stdout, re.MULTILINE)
    if found is None or done.returncode != 1:
        raise RuntimeError(f"{mutant.label} of {mutant.codec}: pytest ended with {done.returncode}:\n{done.stdout}")
    return found[1]


def _run(arguments: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=no", *arguments]
    return subprocess.run(command, cwd=_ROOT, env=environment, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
