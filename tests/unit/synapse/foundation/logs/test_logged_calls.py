"""Verbs and the rows they send out: logged when done, when refused, and when the reader goes away."""

from collections.abc import Iterator

import pytest

from synapse.foundation.logs.logged_calls import log_calls, log_row_count
from tests.log_lines import logged_events, only_event


@log_calls("halves.made", lambda call, half: {"number": call["number"], "half": half} if half else None)
def _halve(number: int, *, digits: int = 0) -> float:
    if number < 0:
        raise ValueError("the cell of Bob")
    return round(number / 2, digits)


def test_a_verb_is_logged_with_its_fields() -> None:
    with logged_events() as events:
        assert _halve(4) == 2

    event = only_event(events, "halves.made")
    assert (event["number"], event["half"]) == (4, 2)
    assert event["seconds"] >= 0


def test_a_call_without_fields_is_not_logged() -> None:
    with logged_events() as events:
        assert _halve(0) == 0

    assert events == []


def test_a_refusal_is_raised_on_and_logged_without_its_sentence() -> None:
    with logged_events() as events, pytest.raises(ValueError, match="Bob"):
        _halve(-1)

    event = only_event(events, "halves.made.refused")
    assert (event["level"], event["error_type"]) == ("warning", "ValueError")
    assert "Bob" not in str(events)


def _rows(closed: list[bool]) -> Iterator[int]:
    try:
        yield from range(5)
    finally:
        closed.append(True)


@pytest.mark.parametrize(("taken", "is_complete"), [(4, False), (5, False), (6, True)])
def test_rows_are_counted_until_the_reader_goes_away(taken: int, is_complete: bool) -> None:  # noqa: FBT001
    closed: list[bool] = []
    with logged_events() as events:
        sent = log_row_count("rows.exported", _rows(closed), table="posts")
        for _ in range(taken):
            next(sent, None)
        sent.close()

    event = only_event(events, "rows.exported")
    assert (event["table"], event["rows"], event["complete"]) == ("posts", min(taken, 5), is_complete)
    assert closed == [True]
