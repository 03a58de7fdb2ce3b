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


def test_tallies_of_one_kind_are_added_up_and_their_files_named() -> None:
    reports = [report("b.py::one", ("kills", 2)), report("a.py::two", ("kills", 3)), report("a.py::three", ("cuts", 1))]

    assert measured(reports) == {"cuts": (1, "a.py"), "kills": (5, "a.py b.py")}


def test_setup_and_teardown_are_not_counted_again() -> None:
    assert measured([report("a.py::one", ("kills", 2), when=when) for when in ("setup", "call", "teardown")]) == {
        "kills": (2, "a.py")
    }


def test_rows_are_written_between_the_marks() -> None:
    written = with_rows(EMPTY, {"kills": (1_234, "a.py b.py")})

    assert "| kills | 1,234 | `a.py b.py` |\n" in written
    assert written.startswith("# Title\n\n<!-- figures")
    assert written.endswith("<!-- end of figures -->\n\nThe rest.\n")


def test_rows_that_were_not_measured_now_stay() -> None:
    first = with_rows(EMPTY, {"kills": (1_234, "a.py"), "cuts": (1, "b.py")})

    second = with_rows(first, {"cuts": (2, "b.py")})

    assert "| kills | 1,234 | `a.py` |" in second
    assert "| cuts | 2 | `b.py` |" in second
    assert "| cuts | 1 |" not in second


def test_document_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for the figures"):
        with_rows("# Title\n", {"kills": (1, "a.py")})
