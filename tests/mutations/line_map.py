"""Which test runs which line: a pytest plugin that notes it, and the map it leaves.

Loaded by run with `-p tests.mutations.line_map`, once, on the unbroken code; LINE_MAP names the file that each process
of pytest writes. Lines are those of the five components, not of the tests, the migrations or the settings. What a
test starts as another process is not seen.
"""

import json
import os
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final

import pytest

FILE_VARIABLE: Final = "MUTATIONS_LINE_MAP"
AT_LOAD: Final = "(at load)"
"""Stands for a test where a line runs before the first one: while modules are loaded and Django is set up."""
COMPONENTS: Final = ("synapse", "business_core", "analytics", "revenue", "legacy_import")


@dataclass(slots=True)
class LineMap:
    """For each file its lines with the tests that run them; for each test how many seconds it takes."""

    seconds: dict[str, float] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    tests: dict[str, dict[int, set[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))

    def add(self, test: str, lines: set[tuple[str, int]]) -> None:
        """Note that the test ran these lines."""
        for path, line in lines:
            self.tests[path][line].add(test)

    def running(self, path: str, first: int, last: int) -> set[str]:
        """Return the tests that run any of the lines."""
        lines = self.tests.get(path, {})
        return {test for line in range(first, last + 1) for test in lines.get(line, ())}

    def write(self, path: Path) -> None:
        """Write the map; `read` reads it back."""
        names = list(self.seconds)
        places = {name: place for place, name in enumerate(names)}
        tests = {
            path: {line: sorted(places[one] for one in found) for line, found in lines.items()}
            for path, lines in self.tests.items()
        }
        path.write_text(json.dumps({"seconds": self.seconds, "failed": self.failed, "tests": tests}))


def read_line_maps(paths: list[Path]) -> LineMap:
    """Read what several processes noted into one map."""
    whole = LineMap()
    for path in paths:
        noted = json.loads(path.read_text())
        names = list(noted["seconds"])
        whole.seconds.update(noted["seconds"])
        whole.failed.extend(noted["failed"])
        for file, lines in noted["tests"].items():
            for line, tests in lines.items():
                whole.tests[file][int(line)].update(names[one] for one in tests)
    return whole


class _Recorder:
    """Notes the lines that run at load, then of one test after the other; a thread that a test starts is noted too."""

    def __init__(self, project: Path) -> None:
        self.map = LineMap()
        self._project = project
        self._lines: set[tuple[str, int]] = set()
        self._paths: dict[CodeType, str] = {}
        self._trace()

    def _trace(self) -> None:
        threading.settrace(self._called)
        sys.settrace(self._called)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        if not self.map.seconds:
            self.map.seconds[AT_LOAD] = 0.0
            self.map.add(AT_LOAD, self._lines)
        self._lines = set()
        self.map.seconds[item.nodeid] = 0.0
        self._trace()
        try:
            return (yield)
        finally:
            sys.settrace(None)
            threading.settrace(None)
            self.map.add(item.nodeid, self._lines)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.map.seconds[report.nodeid] = self.map.seconds.get(report.nodeid, 0) + report.duration
        if report.failed:
            self.map.failed.append(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        process = os.environ.get("PYTEST_XDIST_WORKER", "")
        self.map.write(Path(f"{os.environ[FILE_VARIABLE]}.{process or 'main'}.json"))

    def _called(self, frame: FrameType, _event: str, _argument: Any) -> Any:
        path = self._path(frame.f_code)
        if not path:
            return None
        self._lines.add((path, frame.f_lineno))

        def _on_line(frame: FrameType, _event: str, _argument: Any) -> Any:
            self._lines.add((path, frame.f_lineno))
            return _on_line

        return _on_line

    def _path(self, code: CodeType) -> str:
        """Return the file of the code, relative to the project; empty where it is none of the components'."""
        path = self._paths.get(code)
        if path is None:
            path = ""
            file = Path(code.co_filename)
            if file.is_relative_to(self._project) and "migrations" not in file.parts:
                relative = file.relative_to(self._project)
                path = str(relative) if relative.parts[0] in COMPONENTS else ""
            self._paths[code] = path
        return path


_recorder = _Recorder(Path.cwd()) if FILE_VARIABLE in os.environ else None
"""Made as soon as pytest loads this plugin, which is before it sets Django up."""


def pytest_configure(config: pytest.Config) -> None:
    """Begin to note tests, in the process that runs them."""
    is_controller = bool(config.getoption("numprocesses", None)) and not hasattr(config, "workerinput")
    if _recorder is not None and not is_controller:
        config.pluginmanager.register(_recorder, "line recorder")
