"""Which tests a mutant is shown to."""

from pathlib import Path

import pytest

from tests.mutations.choice import TestChoice
from tests.mutations.line_map import AT_LOAD, LineMap, read_line_maps
from tests.mutations.mutant import Mutant

SOURCE = '''\
LIMIT = 30
_DOUBLE = 2 * LIMIT


def count(rows):
    if len(rows) > _DOUBLE:
        return None
    return """
        SELECT 1
    """
'''
NEAR, FAR, OTHER = (
    "tests/unit/revenue/test_counting.py::a",
    "tests/unit/revenue/admin/test_page.py::b",
    "tests/unit/synapse/test_settings.py::c",
)


@pytest.fixture
def choice(tmp_path: Path) -> TestChoice:
    (tmp_path / "revenue").mkdir()
    (tmp_path / "revenue" / "counting.py").write_text(SOURCE)
    lines = LineMap(seconds={AT_LOAD: 0.0, FAR: 1.0, NEAR: 2.0, OTHER: 0.1})
    lines.add(AT_LOAD, {("revenue/counting.py", line) for line in (1, 2, 5)})
    lines.add(NEAR, {("revenue/counting.py", line) for line in (6, 8)})
    lines.add(FAR, {("revenue/counting.py", line) for line in (6, 7)})
    return TestChoice(tmp_path, lines)


def _at(line: int) -> Mutant:
    return Mutant("revenue/counting.py", 0, 0, "", "number", line, line)


def test_the_tests_that_run_the_line_come_nearest_first(choice: TestChoice) -> None:
    assert list(choice.tests_for(_at(6))) == [NEAR, FAR]


def test_a_text_of_several_lines_is_run_where_its_statement_is(choice: TestChoice) -> None:
    assert list(choice.tests_for(_at(9))) == [NEAR]


def test_a_constant_is_shown_to_the_tests_of_what_reads_it_also_by_another_constant(choice: TestChoice) -> None:
    assert list(choice.tests_for(_at(1))) == [NEAR, FAR]


def test_a_map_that_was_written_is_read_back(tmp_path: Path) -> None:
    lines = LineMap(seconds={NEAR: 1.0, FAR: 2.0}, failed=[FAR])
    lines.add(FAR, {("revenue/counting.py", 6)})
    lines.write(tmp_path / "lines.json")

    read = read_line_maps([tmp_path / "lines.json"])

    assert (read.seconds, read.failed) == (lines.seconds, lines.failed)
    assert read.running("revenue/counting.py", 5, 7) == {FAR}
