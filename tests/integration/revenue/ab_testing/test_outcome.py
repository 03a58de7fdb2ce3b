"""The one verdict on a test: what its counts say, and what is stored and known of it."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from revenue.ab_testing.judged import load_judged_test
from revenue.ab_testing.outcome import Outcome
from revenue.models import ABTest, ABTestVariant
from revenue.services.ab_decisions import (
    DecisionRefusedError,
    complete_without_winner,
    confirm_winner,
    reopen_test,
)
from revenue.statistics.kinds import VerdictKind
from synapse.kit.change_log.authorship import attribute_changes_to
from synapse.kit.change_log.models import ChangeLogEntry
from tests.factories import MOMENT, make_ab_test
from tests.integration.revenue.ab_rows import make_counted_test, make_won_test, variant_named

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

NOW = MOMENT + timedelta(days=10)


def _outcome(test: ABTest, now: datetime = NOW) -> Outcome:
    return load_judged_test(ABTest.objects.get(pk=test.pk), now=now).outcome


def _seen(test: ABTest) -> str:
    return load_judged_test(ABTest.objects.get(pk=test.pk), now=NOW).fingerprint


def _confirm(test: ABTest, name: str = "B", author: str = "grace") -> None:
    with attribute_changes_to(author):
        confirm_winner(test_id=test.pk, variant_id=variant_named(test, name).pk, seen=_seen(test), now=NOW)
    _log_dated(NOW)


def _log_dated(at: datetime) -> None:
    ChangeLogEntry.objects.using("revenue").update(changed_at=at)


def _all_words(outcome: Outcome) -> str:
    return " ".join([outcome.headline, outcome.reason, *outcome.details, *outcome.warnings, outcome.next_step])


def test_a_confirmed_test_says_who_confirmed_and_when() -> None:
    test = make_won_test()
    _confirm(test)

    told = _outcome(test)

    assert told.kind is VerdictKind.CONFIRMED
    assert told.headline == "Confirmed by grace on 29 Aug 2025"
    assert told.reason == "B is the winner, with a lift of +200.0%."
    assert not any("changed" in warning for warning in told.warnings)
    assert told.next_step == ""


def test_a_confirmed_control_is_named_as_such() -> None:
    test = make_counted_test((60, 1000), (20, 1000))
    _confirm(test, "A")

    assert _outcome(test).reason == "A, the control, is the winner."


def test_who_confirmed_is_known_after_the_account_is_gone() -> None:
    get_user_model().objects.create_user("grace").delete()
    test = make_won_test()
    _confirm(test)

    assert _outcome(test).headline == "Confirmed by grace on 29 Aug 2025"


def test_a_hostile_name_is_shown_harmlessly() -> None:
    test = make_won_test()
    _confirm(test, author="gr\u202eace")

    assert _outcome(test).headline == "Confirmed by gr⟨U+202E⟩ace on 29 Aug 2025"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"B": {"consultation_requests": 21}}, "today they say “No difference worth finding”."),
        ({"B": {"impressions": 1500}}, "today they say “Fix the traffic”."),
        ({"B": {"consultation_requests": 1001}}, "today they say “Not a rate”."),
        ({"A": {"consultation_requests": 4}}, "today they are too few for a winner."),
        ({"A": {"planned_share_percent": 50}}, "today they say “Fix the traffic”."),
        ({"B": {"expected_metric": "engagement_rate"}}, "today they say “Variants count different things”."),
        ({"B": {"consultation_requests": 90}}, "today they still name B, but with another lift or certainty."),
        (
            {"A": {"consultation_requests": 60}, "B": {"consultation_requests": 20}},
            "today they say “The control is better”.",
        ),
    ],
)
def test_figures_that_changed_after_the_confirmation_are_told(change: dict[str, dict[str, Any]], said: str) -> None:
    test = make_won_test()
    _confirm(test)
    for name, columns in change.items():
        ABTestVariant.objects.filter(test=test, variant_name=name).update(**columns)

    told = _outcome(test)

    assert told.headline == "Confirmed by grace on 29 Aug 2025"
    assert told.warnings[0] == f"The figures have changed since the confirmation: {said}"
    assert not re.search("keep|running|needs|days? left", _all_words(told), re.IGNORECASE)


def test_a_mismatch_after_the_confirmation_is_told_with_its_figures() -> None:
    test = make_won_test()
    _confirm(test)
    ABTestVariant.objects.filter(test=test, variant_name="B").update(impressions=1500)

    said = " ".join(_outcome(test).warnings)
    assert "Sample ratio mismatch: the variants got 1,000 and 1,500 impressions where 1,250 and 1,250 were" in said


def test_a_confirmation_that_was_taken_back_leaves_the_verdict_of_the_counts() -> None:
    test = make_won_test()
    _confirm(test)
    reopen_test(test_id=test.pk, seen=_seen(test), now=NOW)

    told = _outcome(test)

    assert told.headline == "B looks better: review and confirm"
    assert "grace" not in _all_words(told)


def test_a_test_completed_without_a_winner_says_by_whom() -> None:
    test = make_won_test()
    with attribute_changes_to("linus"):
        complete_without_winner(test_id=test.pk, seen=_seen(test), now=NOW)
    _log_dated(NOW)

    told = _outcome(test)

    assert (told.headline, told.reason) == ("Completed without a winner", "Completed by linus on 29 Aug 2025.")


def test_a_winner_stored_outside_is_not_said_to_be_confirmed() -> None:
    test = make_won_test()
    ABTest.objects.filter(pk=test.pk).update(status="completed", winning_variant="B")

    told = _outcome(test)

    assert told.kind is VerdictKind.STORED_WINNER
    assert told.headline == "Won by B"
    assert told.reason == "Somebody outside Synapse stored B as the winner; no person confirmed it here."


def test_a_mismatch_is_told_before_a_winner_that_nobody_confirmed() -> None:
    test = make_counted_test((20, 1000), (60, 1500), status="completed", winning_variant="B")

    told = _outcome(test)

    assert told.headline == "Fix the traffic"
    assert "The legacy scripts stored B as the winner; no person confirmed it here." in told.details
    assert told.next_step == "Find out why before you rely on this test."


def test_a_running_test_with_a_confirmed_winner_is_warned_of() -> None:
    test = make_won_test()
    _confirm(test)
    ABTest.objects.filter(pk=test.pk).update(status="active")

    told = _outcome(test)

    assert told.headline == "B looks better: review and confirm"
    assert told.warnings[0].startswith("Stored winner: B, confirmed by grace on ")


@pytest.mark.parametrize("counts", [(), ((20, 1000),)])
def test_under_two_variants_there_is_nothing_to_compare(counts: Any) -> None:
    assert _outcome(make_counted_test(*counts)).headline == "Nothing to compare yet"


def test_a_completed_test_without_variants_is_told() -> None:
    test = make_ab_test(status="completed", winning_variant="gone")

    told = _outcome(test)

    assert told.headline == "Completed without a winner"
    assert told.reason.startswith("A winner is stored that is no variant of this test any more")


def test_a_test_that_has_not_started_has_no_verdict_but_a_mismatch() -> None:
    later: dict[str, Any] = {"start_date": NOW + timedelta(days=1)}

    assert _outcome(make_won_test(**later)).headline == "Not started yet"
    assert _outcome(make_counted_test((1, 1000), (1, 1500), **later)).headline == "Fix the traffic"


def test_variants_that_count_different_things_hide_no_mismatch() -> None:
    test, uneven = make_won_test(), make_counted_test((20, 1000), (60, 1500))
    for one in (test, uneven):
        one.variants.filter(variant_name="B").update(expected_metric="engagement_rate")

    assert _outcome(test).headline == "Variants count different things"
    assert _outcome(uneven).headline == "Fix the traffic"


def test_a_tie_says_which_lead() -> None:
    told = _outcome(make_counted_test((20, 1000), (90, 1000), (90, 1000)))

    assert told.headline == "No difference worth finding"
    assert told.reason == "B and C each beat the control, with the same rate of 9.00%: they can't be told apart."


def test_a_test_never_shown_is_stalled_since_its_start() -> None:
    test = make_counted_test((0, 0), (0, 0))

    told = _outcome(test)

    assert told.headline == "Stalled (no impressions for 10 days)"
    assert told.reason == "No impressions have been recorded since the test started on 19 Aug 2025."
    assert _outcome(test, MOMENT + timedelta(days=7, seconds=-1)).headline == "Keep running"
    assert _outcome(test, MOMENT + timedelta(days=7)).headline == "Stalled (no impressions for 7 days)"


def test_a_test_is_stalled_since_its_impressions_last_rose() -> None:
    test = make_counted_test((1, 20), (1, 20))
    _log_dated(MOMENT + timedelta(days=2))
    ABTestVariant.objects.filter(test=test).update(content="edited")

    told = _outcome(test)

    assert told.headline == "Stalled (no impressions for 8 days)"
    assert told.reason == "The last impressions were recorded on 21 Aug 2025."


@pytest.mark.parametrize(
    ("impressions", "headline"), [(21, "Keep running"), (19, "Stalled (no impressions for 8 days)")]
)
def test_only_a_rise_counts_as_impressions(impressions: int, headline: str) -> None:
    test = make_counted_test((1, 20), (1, 20))
    _log_dated(MOMENT + timedelta(days=2))
    ABTestVariant.objects.filter(test=test, variant_name="A").update(impressions=impressions)

    assert _outcome(test).headline.startswith(headline)


def test_a_mismatch_is_refused_as_a_winner_with_its_reason() -> None:
    test = make_counted_test((20, 1000), (60, 1500))

    with pytest.raises(DecisionRefusedError, match="no winner to confirm: Sample ratio mismatch: the variants got 1,0"):
        _confirm(test)

    test.refresh_from_db()
    assert (test.winning_variant, test.improvement_rate) == (None, Decimal(0))


@pytest.mark.parametrize(("seconds", "is_past"), [(0, True), (1, False)])
def test_a_test_that_waits_past_its_planned_end_is_warned_of(seconds: int, *, is_past: bool) -> None:
    test = make_counted_test((2, 40), (3, 40), end_date=NOW + timedelta(seconds=seconds))

    said = "The planned end, 29 Aug 2025, has passed: set a later one, or complete the test without a winner."
    assert (said in _outcome(test).warnings) is is_past
