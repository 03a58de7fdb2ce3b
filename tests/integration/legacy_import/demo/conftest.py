"""One set of demonstration files for the tests that only read it."""

from datetime import date

import pytest

from legacy_import.demo import DemoSummary, write_demo_legacy

TODAY = date(2026, 11, 20)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoSummary:
    folder = tmp_path_factory.mktemp("demo") / "legacy"
    return write_demo_legacy(folder, rows=None, dirty=0, seed=1, today=TODAY)
