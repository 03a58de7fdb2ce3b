"""How the figures of docs/reliability.md are counted and written."""

import pytest

from tests.reliability import measured, with_rows

EMPTY = "# Title\n\n<!-- figures: written by make reliability -->\n<!-- end of figures -->\n\nThe rest.\n"


def report(nodeid: str, *tallies: tuple[str, int], when: str = "call") -> pytest.TestReport:
    return pytest.TestReport(
        nodeid=nodeid,
        location=(nodeid, 0, ""),
        keywords={},
        outcome="passed",
        longrepr=None,
        when=when,  # type: ignore[arg-type]  # pytest's own literal
        user_properties=[("reliability", tally) for tally in tallies],
    )


def test_tallies_of_one_kind_are_added_up_for_each_file() -> None:
    tallied = [("b.py::one", ("kills", 2)), ("a.py::two", ("kills", 3)), ("a.py::three", ("kills", 4))]

    assert measured([report(*one) for one in tallied]) == {("kills", "a.py"): 7, ("kills", "b.py"): 2}


def test_setup_and_teardown_are_not_counted_again() -> None:
    assert measured([report("a.py::one", ("kills", 2), when=when) for when in ("setup", "call", "teardown")]) == {
        ("kills", "a.py"): 2
    }


def test_rows_are_written_between_the_marks() -> None:
    written = with_rows(EMPTY, {("kills", "a.py"): 1_234})

    assert "| kills | 1,234 | `a.py` |\n" in written
    assert written.startswith("# Title\n\n<!-- figures")
    assert written.endswith("<!-- end of figures -->\n\nThe rest.\n")


def test_rows_that_were_not_measured_now_stay() -> None:
    first = with_rows(EMPTY, {("kills", "a.py"): 1_234, ("cuts", "b.py"): 1})

    second = with_rows(first, {("cuts", "b.py"): 2, ("kills", "b.py"): 7})

    assert "| kills | 1,234 | `a.py` |" in second
    assert "| cuts | 2 | `b.py` |" in second
    assert "| kills | 7 | `b.py` |" in second
    assert "| cuts | 1 |" not in second


def test_document_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for the figures"):
        with_rows("# Title\n", {("kills", "a.py"): 1})
