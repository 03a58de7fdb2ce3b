"""Showing one mutant to its tests in a scratch copy, and what became of it.

`Copy` is used by one thread of run at a time.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from time import perf_counter
from typing import Final

from tests.mutations import line_map, one_run
from tests.mutations.line_map import LineMap, read_line_maps
from tests.mutations.mutant import Mutant
from tests.mutations.scratch import scratch_environment

# Those of the mutated rooms, and of what imports whole files: a room's own tests are to hold it.
TESTS: Final = (
    "tests/unit/legacy_import",
    "tests/unit/revenue",
    "tests/unit/synapse/kit",
    "tests/integration/legacy_import/desk",
    "tests/integration/legacy_import/pipeline",
    "tests/integration/legacy_import/rebuild",
    "tests/integration/legacy_import/services/test_importing.py",
    "tests/integration/legacy_import/undo",
    "tests/integration/synapse/console/jobs",
    "tests/integration/synapse/kit/change_log",
    "tests/integration/synapse/kit/jobs",
)
# They try arbitrary cells and files, in minutes.
UNASKED_TESTS: Final = (
    "tests/unit/legacy_import/demo",
    "tests/integration/legacy_import/pipeline/judge/test_hostile_matrix.py",
    "tests/integration/legacy_import/pipeline/properties",
)
_START_SECONDS: Final = 120.0
_TEST_SECONDS: Final = 20.0
_WHOLE_FILE_SECONDS: Final = 900.0
_SLOWER: Final = 5.0
"""How many times as long as on the unbroken code a test may take, besides _TEST_SECONDS, before it counts as red."""
_PYTEST: Final = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=no")


class Outcome(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    TIMED_OUT = "timed out"
    SURVIVED = "survived"
    UNSEEN = "no test"


@dataclass(frozen=True, slots=True)
class Shown:
    """A mutant, what became of it, and the test that killed it."""

    mutant: Mutant
    outcome: Outcome
    killer: str = ""
    tests: int = 0
    seconds: float = 0.0

    @property
    def is_alive(self) -> bool:
        """Say whether no test went red."""
        return self.outcome in {Outcome.SURVIVED, Outcome.UNSEEN}


@dataclass(slots=True)
class Copy:
    """One scratch copy of the checkout. Test databases are kept from run to run, save after a red one."""

    folder: Path
    _is_clean: bool = field(default=False)
    _last_second: int = field(default=0)
    _process: "subprocess.Popen[bytes] | None" = field(default=None)

    def measure_lines(self, processes: int) -> LineMap:
        """Run all tests once, on the unbroken code, and return which run which line."""
        noted = self.folder / "var" / "line_map"
        noted.parent.mkdir(exist_ok=True)
        parallel = ["--numprocesses", str(processes), "--dist", "loadfile"] if processes > 1 else []
        ignored = [f"--ignore={path}" for path in UNASKED_TESTS]
        self._run([*parallel, "-p", "tests.mutations.line_map", *ignored, *TESTS], {line_map.FILE_VARIABLE: str(noted)})
        return read_line_maps(sorted(noted.parent.glob("line_map.*.json")))

    def show(self, mutant: Mutant, tests: dict[str, float]) -> Shown:
        """Break the file, run the tests until one fails, and mend the file."""
        if not tests:
            return Shown(mutant, Outcome.UNSEEN)
        began = perf_counter()
        with self._broken(mutant):
            ended, failed = self._run_chosen(tests, ["--exitfirst"])
        killer = failed[0] if failed else ""
        outcome = Outcome.KILLED if ended else Outcome.SURVIVED
        if ended is None:
            outcome = Outcome.TIMED_OUT
        elif ended and not failed:
            # Not even the tests' modules can be loaded.
            killer = "collection"
        return Shown(mutant, outcome, killer, len(tests), perf_counter() - began)

    def show_file(self, mutant: Mutant, tests: str) -> Shown:
        """Break the file, run a whole file or folder of tests until one fails, and mend the file."""
        with self._broken(mutant):
            failed = self.failing_in("--exitfirst", tests)
        return Shown(mutant, Outcome.KILLED if failed else Outcome.SURVIVED, failed[0] if failed else "")

    def failing_in(self, *arguments: str) -> list[str]:
        """Return which tests of these files or folders fail; one word where they can't even be loaded."""
        ended, failed = self._run_noted(["-p", "tests.mutations.one_run", *arguments], {})
        return failed or (["collection"] if ended else [])

    def close(self) -> None:
        """Kill what runs in the copy."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    @contextmanager
    def _broken(self, mutant: Mutant) -> Iterator[None]:
        path = self.folder / mutant.path
        source, times = path.read_text(), path.stat()
        path.write_text(mutant.apply(source))
        # Python tells by the second and the size whether its byte code is that of the file.
        self._last_second = max(self._last_second, int(times.st_mtime)) + 1
        os.utime(path, (self._last_second, self._last_second))
        try:
            yield
        finally:
            path.write_text(source)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    def failing(self, tests: dict[str, float]) -> list[str]:
        """Return which of the tests fail on the unbroken code."""
        return self._run_chosen(tests, [])[1]

    def _run_chosen(self, tests: dict[str, float], options: list[str]) -> tuple[int | None, list[str]]:
        """Return pytest's exit code, None where it was stopped, and the tests that failed."""
        limits = {test: _TEST_SECONDS + _SLOWER * seconds for test, seconds in tests.items()}
        files = sorted({test.partition("::")[0] for test in tests})
        return self._run_noted(["-p", "tests.mutations.one_run", *options, *files], limits)

    def _run_noted(self, arguments: list[str], limits: dict[str, float]) -> tuple[int | None, list[str]]:
        file = self.folder / "var" / "one_run"
        file.parent.mkdir(exist_ok=True)
        answer = file.with_suffix(".answer")
        answer.unlink(missing_ok=True)
        file.write_text(json.dumps(limits))
        ended = self._run(
            ["--reuse-db" if self._is_clean else "--create-db", *arguments],
            {one_run.FILE_VARIABLE: str(file)},
            timeout_seconds=_START_SECONDS + (sum(limits.values()) if limits else _WHOLE_FILE_SECONDS),
        )
        failed: list[str] = json.loads(answer.read_text()) if answer.exists() else []
        # A test that fails may leave rows: for the next mutant the databases are made anew.
        self._is_clean = ended == 0
        return ended, failed

    def _run(self, arguments: list[str], variables: dict[str, str], timeout_seconds: float | None = None) -> int | None:
        with (self.folder / "var" / "pytest.log").open("w") as log:
            self._process = process = subprocess.Popen(
                [*_PYTEST, *arguments],
                cwd=self.folder,
                env=scratch_environment() | variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                return process.wait(timeout_seconds)
            except subprocess.TimeoutExpired:
                return None
            finally:
                # What the tests started ends with them.
                self.close()
                process.wait()
                self._process = None
