"""Deciding on a test writes what the verdict says and nothing else, and refuses what it doesn't say."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from legacy_import.models import LedgerRow
from revenue.ab_testing.judged import load_judged_test
from revenue.models import ABTest, ABTestVariant
from revenue.services.ab_decisions import (
    Decided,
    DecisionRefusedError,
    complete_without_winner,
    confirm_winner,
    reopen_test,
)
from tests.factories import MOMENT, make_variant
from tests.imports import run_import
from tests.integration.revenue.ab_rows import METRIC, make_counted_test, make_won_test, variant_named
from tests.integration.synapse.kit.change_log.history import changes_of, told

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

NOW = MOMENT + timedelta(days=10)


def _seen(test: ABTest) -> str:
    return load_judged_test(ABTest.objects.get(pk=test.pk), now=NOW).fingerprint


def _confirm(test: ABTest, name: str = "B", **replaced: Any) -> Decided:
    arguments: dict[str, Any] = {"variant_id": variant_named(test, name).pk, "seen": _seen(test), "now": NOW}
    return confirm_winner(test_id=test.pk, **arguments | replaced)


def test_a_confirmation_writes_the_winner_and_ends_the_test() -> None:
    test = make_won_test()

    decided = _confirm(test)

    test.refresh_from_db()
    assert (test.status, test.end_date) == ("completed", NOW)
    assert test.winning_variant == str(variant_named(test, "B").pk)
    assert (test.improvement_rate, test.statistical_significance) == (Decimal("2.0000"), Decimal("1.0000"))
    assert [(v.variant_name, v.is_winner) for v in test.variants.order_by("position")] == [("A", False), ("B", True)]
    assert decided.undo
    assert told(variant_named(test, "A")) == [("insert", None)]


def test_an_end_that_was_set_stays() -> None:
    end = MOMENT + timedelta(days=3)
    test = make_won_test(end_date=end)

    _confirm(test)

    test.refresh_from_db()
    assert test.end_date == end


def _complete(test: ABTest) -> Decided:
    return complete_without_winner(test_id=test.pk, seen=_seen(test), now=NOW)


@pytest.mark.parametrize("decide", [_confirm, _complete])
def test_a_planned_end_in_the_future_becomes_the_moment_of_the_decision(decide: Callable[[ABTest], Decided]) -> None:
    test = make_won_test(end_date=NOW + timedelta(days=3))

    decided = decide(test)

    test.refresh_from_db()
    assert test.end_date == NOW
    assert decided.note == "The planned end, 2025-09-01 20:00, became 2025-08-29 20:00; undo brings it back."


def test_a_test_that_has_not_started_has_no_winner_to_confirm() -> None:
    test = make_won_test(start_date=NOW + timedelta(days=1))

    with pytest.raises(DecisionRefusedError, match="no winner to confirm: the test hasn't started"):
        _confirm(test)

    assert told(test) == [("insert", None)]


def test_a_test_that_has_not_started_ends_no_earlier_than_it_starts() -> None:
    start = NOW + timedelta(days=1)
    test = make_won_test(start_date=start)

    complete_without_winner(test_id=test.pk, seen=_seen(test), now=NOW)

    test.refresh_from_db()
    assert (test.status, test.end_date) == ("completed", start)


def test_a_control_that_wins_has_no_improvement() -> None:
    test = make_counted_test((60, 1000), (20, 1000))

    _confirm(test, "A")

    test.refresh_from_db()
    assert test.improvement_rate == Decimal("0.0000")
    assert variant_named(test, "A").is_winner


def test_a_control_that_converts_hardly_anybody_clamps_the_improvement() -> None:
    test = make_counted_test((5, 10_000), (500, 10_000))

    decided = _confirm(test)

    test.refresh_from_db()
    assert test.improvement_rate == Decimal("9.9999")
    assert "the most the column holds" in decided.note


@pytest.mark.parametrize(
    ("counts", "columns"),
    [
        (((20, 1000), (22, 1000)), {}),
        (((20, 1000), (60, 1500)), {}),
        (((20, 1000), (60, 1164)), {}),
        (((20, 1000), (60, 1000)), {"minimum_sample_size": 1001}),
        (((4, 1000), (60, 1000)), {}),
        (((20, 1000), (60, 10)), {}),
        (((20, 1000), (60, 1000)), {"status": "completed"}),
    ],
)
def test_what_the_verdict_does_not_say_is_refused(counts: Any, columns: dict[str, Any]) -> None:
    test = make_counted_test(*counts, **columns)

    with pytest.raises(DecisionRefusedError, match="no winner to confirm"):
        _confirm(test)

    assert told(test) == [("insert", None)]
    assert not ABTestVariant.objects.filter(is_winner=True).exists()


def test_another_variant_than_the_winner_is_refused() -> None:
    test = make_won_test()

    with pytest.raises(DecisionRefusedError, match="The winner is B by now"):
        _confirm(test, "A")


@pytest.mark.parametrize(
    "change",
    [
        lambda test: test.variants.filter(variant_name="A").update(impressions=1001),
        lambda test: test.variants.filter(variant_name="B").update(consultation_requests=61),
        lambda test: make_variant(test=test, impressions=1, consultation_requests=0, expected_metric=METRIC),
        lambda test: test.variants.filter(variant_name="A").update(position=3),
        lambda test: test.variants.update(planned_share_percent=50),
        lambda test: ABTest.objects.filter(pk=test.pk).update(confidence_threshold=Decimal("0.99")),
    ],
)
def test_what_changed_since_it_was_seen_is_refused(change: Callable[[ABTest], Any]) -> None:
    test = make_won_test()
    seen = _seen(test)
    change(test)

    with pytest.raises(DecisionRefusedError, match="changed since you opened"):
        _confirm(test, seen=seen)


def test_a_second_press_is_refused_and_harmless() -> None:
    test = make_won_test()
    seen = _seen(test)
    _confirm(test, seen=seen)

    with pytest.raises(DecisionRefusedError):
        _confirm(test, seen=seen)

    assert len(changes_of(test)) == 2


def test_a_deleted_test_is_refused() -> None:
    test = make_won_test()
    variant, seen = variant_named(test, "B"), _seen(test)
    ABTest.objects.filter(pk=test.pk).delete()

    with pytest.raises(DecisionRefusedError, match="deleted"):
        confirm_winner(test_id=test.pk, variant_id=variant.pk, seen=seen, now=NOW)


def test_completing_without_a_winner_marks_nobody() -> None:
    test = make_won_test()

    complete_without_winner(test_id=test.pk, seen=_seen(test), now=NOW)

    test.refresh_from_db()
    assert (test.status, test.end_date, test.winning_variant) == ("completed", NOW, None)
    assert not test.variants.filter(is_winner=True).exists()


def test_completing_twice_is_refused() -> None:
    test = make_won_test(status="completed")

    with pytest.raises(DecisionRefusedError, match="completed already"):
        complete_without_winner(test_id=test.pk, seen=_seen(test), now=NOW)


def test_reopening_takes_the_winner_back() -> None:
    test = make_won_test()
    _confirm(test)

    reopen_test(test_id=test.pk, seen=_seen(test), now=NOW)

    test.refresh_from_db()
    assert (test.status, test.end_date, test.winning_variant) == ("active", None, None)
    assert (test.improvement_rate, test.statistical_significance) == (Decimal(0), Decimal(0))
    assert not test.variants.filter(is_winner=True).exists()


def test_reopening_keeps_a_planned_end_in_the_future() -> None:
    end = NOW + timedelta(days=3)
    test = make_won_test(status="completed", end_date=end)

    decided = reopen_test(test_id=test.pk, seen=_seen(test), now=NOW)

    test.refresh_from_db()
    assert (test.status, test.end_date) == ("active", end)
    assert "until 2025-09-01 20:00, as planned" in decided.sentence


def test_a_winner_stored_on_a_running_test_is_taken_back() -> None:
    test = make_won_test()
    _confirm(test)
    ABTest.objects.filter(pk=test.pk).update(status="active")

    decided = reopen_test(test_id=test.pk, seen=_seen(test), now=NOW)

    test.refresh_from_db()
    assert (test.status, test.end_date, test.winning_variant) == ("active", NOW, None)
    assert not test.variants.filter(is_winner=True).exists()
    assert decided.sentence == f"No winner of “{test.test_name}” is stored any more."


def test_reopening_a_running_test_is_refused() -> None:
    test = make_won_test()

    with pytest.raises(DecisionRefusedError, match="isn't completed, and no winner is stored"):
        reopen_test(test_id=test.pk, seen=_seen(test), now=NOW)


def test_an_imported_winner_is_named_as_the_legacy_scripts_do(real_legacy_dir: Path) -> None:
    assert run_import("ab_testing", real_legacy_dir).error is None
    ledger = LedgerRow.objects.using("revenue").filter(legacy_table="ab_tests", key="cta_test_20250819_200047")
    test = ABTest.objects.get(pk=ledger.values_list("target_key", flat=True).get() or "")
    test.variants.update(impressions=1000, consultation_requests=20)
    test.variants.filter(variant_name="Time-Sensitive").update(consultation_requests=80)

    _confirm(test, "Time-Sensitive")

    test.refresh_from_db()
    assert test.winning_variant == "cta_test_20250819_200047_variant_3"
    winner = load_judged_test(test, now=NOW).winner
    assert winner is not None
    assert winner.variant_name == "Time-Sensitive"
