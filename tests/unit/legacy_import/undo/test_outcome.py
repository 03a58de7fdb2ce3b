"""What an undo says of what it did and of what it left."""

from typing import Any

from legacy_import.models import ImportRun
from legacy_import.undo.outcome import LeftChange, UndoneRun


def _undone(**figures: Any) -> UndoneRun:
    nothing: dict[str, Any] = {"removed": {}, "restored": {}, "returned": {}, "ledger_rows": 0, "left": ()}
    return UndoneRun(run=ImportRun(source="primary"), **nothing | {"left_count": 0} | figures)


def test_each_table_and_kind_has_its_sentence() -> None:
    undone = _undone(removed={"posts": 1, "inquiries": 1200}, restored={"posts": 2}, returned={"posts": 1})

    assert undone.sentences() == [
        "1 row of posts gone",
        "1,200 rows of inquiries gone",
        "2 rows of posts as before",
        "1 row of posts back again",
    ]
    assert undone.touched_tables == ["inquiries", "posts"]


def test_what_is_left_is_counted() -> None:
    assert _undone(left_count=1).sentences() == ["1 left as changed here"]
    assert _undone().sentences() == ["no row of a table was changed"]


def test_left_says_row_column_reason_and_author() -> None:
    assert (
        LeftChange("posts", "k", "likes", "ada", "changed since").sentence() == "posts k, likes: changed since (by ada)"
    )
    assert LeftChange("posts", "k", "", "", "changed since").sentence() == "posts k: changed since"
