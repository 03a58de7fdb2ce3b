"""A pytest plugin that runs some tests in a given order until one fails, and says which.

Loaded by run with `-p tests.mutations.one_run` in a scratch copy, once per mutant; ONE_RUN names a file of JSON with
the node ids and how many seconds each may take (none: all that is collected), and the process's answer is put
beside it.
"""

import json
import os
from pathlib import Path
from typing import Final

import hypothesis
import pytest

FILE_VARIABLE: Final = "MUTATIONS_ONE_RUN"


class _Chosen:
    """Keeps the chosen tests, gives each its time, and notes which fail."""

    def __init__(self, file: Path) -> None:
        self._answer = file.with_suffix(".answer")
        self._failed: list[str] = []
        self._seconds: dict[str, float] = json.loads(file.read_text())

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        if not self._seconds:
            return
        by_name = {item.nodeid: item for item in items}
        chosen = [by_name[name] for name in self._seconds if name in by_name]
        for item in chosen:
            item.add_marker(pytest.mark.timeout(self._seconds[item.nodeid]))
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in self._seconds])
        items[:] = chosen

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._failed.append(report.nodeid)
            self._answer.write_text(json.dumps(self._failed))


def pytest_configure(config: pytest.Config) -> None:
    """Begin, where the file is named."""
    if FILE_VARIABLE not in os.environ:
        return
    config.pluginmanager.register(_Chosen(Path(os.environ[FILE_VARIABLE])), "chosen tests")
    # A counterexample is enough; making it smaller takes minutes.
    phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
    hypothesis.settings.register_profile("mutations", phases=phases, derandomize=True, database=None)
    hypothesis.settings.load_profile("mutations")
