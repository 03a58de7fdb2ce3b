"""Verdicts: when there is a winner, and when there is none."""

import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from revenue.statistics.counts import TestCounts, VariantCounts
from revenue.statistics.kinds import VerdictKind
from revenue.statistics.sample_ratio import RatioOutcome
from revenue.statistics.sequential import always_valid_interval, wald_interval
from revenue.statistics.verdict import judge_counts, significant_leader, storable_improvement
from tests.unit.revenue.statistics.judging import NAMES, said_of, verdict

ALPHA = float(1 - Decimal("0.95"))


@pytest.mark.parametrize("counts", [[], [(50, 500)]])
def test_under_two_variants_there_is_nothing_to_compare(counts: list[tuple[int, int]]) -> None:
    judged = verdict(*counts, days_without_impressions=30)

    assert judged.kind is VerdictKind.NOTHING_TO_COMPARE
    assert judged.words.next_step == "Add the missing variants."


@pytest.mark.parametrize("counts", [[(11, 10), (5, 10)], [(500, 5000), (-1, 5000)], [(1, 0), (0, 0)]])
def test_more_actions_than_impressions_are_not_a_rate(counts: list[tuple[int, int]]) -> None:
    judged = verdict(*counts)

    assert judged.kind is VerdictKind.NOT_A_RATE
    assert judged.decision is None
    assert judged.words.headline == "Not a rate"
    assert "more actions than impressions" in judged.words.reason


@pytest.mark.parametrize(
    "counts",
    [
        [(100, 5000), (200, 5500)],
        [(99, 900), (9, 99)],
        [(0, 11), (0, 0)],
        [(4, 9000), (90, 1000)],
        [(10, 5000), (500, 5000), (1, 0)],
        [(20, 10), (60, 1000)],
    ],
)
@pytest.mark.parametrize("planned", [None, 100, 100_000])
@pytest.mark.parametrize("idle", [None, 30.0])
def test_wrong_traffic_is_judged_first_whatever_else_is_true(
    counts: list[tuple[int, int]], planned: int | None, idle: float | None
) -> None:
    judged = verdict(*counts, planned=planned, days_without_impressions=idle)

    assert judged.kind is VerdictKind.RATIO_MISMATCH
    assert judged.decision is None
    assert judged.words.headline == "Fix the traffic"
    assert judged.words.next_step.startswith("Find out why before you collect more")
    assert not re.search("keep|running|days? left|needs|% power|larger sample", said_of(judged), re.IGNORECASE)


@pytest.mark.parametrize("counts", [(0, 10), (0, 9)])
def test_traffic_is_judged_from_five_expected_impressions_each(counts: tuple[int, int]) -> None:
    # 10 to none has p 0.0016 and only warns; of 9 no expected count is 5, so nothing is said of them.
    judged = verdict((0, counts[1]), (0, 0))

    assert judged.kind is VerdictKind.COLLECTING
    assert ("oddly split" in said_of(judged)) is (counts[1] == 10)


def test_four_equally_shared_variants_are_no_mismatch() -> None:
    judged = verdict((60, 4272), (26, 4324), (30, 4317), (26, 4290))

    assert judged.kind is VerdictKind.CONTROL_TO_CONFIRM
    assert judged.words.headline == "The control is better"


@pytest.mark.parametrize(
    ("shares", "reason"),
    [
        (("60", "30"), "The planned shares sum to 90%, not to 100%, so the traffic can't be checked."),
        (("60", None), "B has no planned share while others have one, so the traffic can't be checked."),
    ],
)
def test_shares_that_are_no_plan_allow_no_winner(shares: tuple[str | None, ...], reason: str) -> None:
    planned = tuple(None if share is None else Decimal(share) for share in shares)

    judged = verdict((100, 1000), (200, 1000), planned_shares=planned)

    assert (judged.kind, judged.decision) == (VerdictKind.UNUSABLE_SHARES, None)
    assert (judged.words.headline, judged.words.reason) == ("Fix the traffic", reason)


def test_clustered_impressions_of_evenly_assigned_posts_are_no_mismatch() -> None:
    judged = verdict((100, 9000), (80, 1000), posts=(12, 10))

    assert judged.kind is VerdictKind.WINNER_TO_CONFIRM


def test_before_the_planned_sample_significant_means_always_valid() -> None:
    counts = (100, 1000), (131, 1000)

    early, late = verdict(*counts, planned=2000), verdict(*counts, planned=1000)

    assert early.findings.comparisons[0].result.p < 0.05
    assert not early.findings.comparisons[0].significant
    assert late.findings.comparisons[0].significant
    assert late.kind is VerdictKind.WINNER_TO_CONFIRM


def test_reference_pair_shows_its_values_and_no_difference() -> None:
    judged = verdict((5, 83), (12, 99), planned=80)

    comparison = judged.findings.comparisons[0]
    assert judged.kind is VerdictKind.NO_DIFFERENCE
    assert comparison.result.statistic == pytest.approx(-1.4078304, abs=5e-8)
    assert comparison.result.p == comparison.p_corrected == pytest.approx(0.1591813, abs=5e-8)


def test_no_difference_says_what_so_many_impressions_would_find() -> None:
    few, many = verdict((20, 1000), (22, 1000)), verdict((2000, 100_000), (2010, 100_000))

    assert few.words.reason.endswith("more than chance does; so many impressions only find lifts of 108.2% and more.")
    assert many.words.reason.endswith("more than chance does; so many impressions only find lifts of 8.96% and more.")


def test_reference_four_show_their_chi_square() -> None:
    overall = verdict((73, 86), (90, 93), (114, 136), (75, 82)).findings.overall

    assert overall is not None
    assert overall.p == pytest.approx(0.0110975, abs=5e-8)


def test_winner_is_decided_with_its_lift_and_significance() -> None:
    judged = verdict((100, 1000), (150, 1000))

    assert judged.kind is VerdictKind.WINNER_TO_CONFIRM
    assert judged.decision is not None
    assert judged.decision.winner.name == "B"
    assert judged.decision.improvement_rate == Decimal("0.5000")
    # z is -3.3806, its p 0.000723.
    assert judged.decision.statistical_significance == Decimal("0.9993")


def test_control_wins_only_against_all_and_improves_on_nothing() -> None:
    clear = verdict((300, 1000), (200, 1000), (210, 1000))
    unclear = verdict((300, 1000), (200, 1000), (295, 1000))

    assert clear.decision is not None
    assert (clear.decision.place, clear.decision.improvement_rate) == (0, Decimal("0.0000"))
    assert unclear.kind is VerdictKind.NO_DIFFERENCE
    assert unclear.words.headline == "No difference worth finding"
    assert "yet A, which leads, can't be told apart" in unclear.words.reason


def test_control_is_as_significant_as_its_weakest_comparison() -> None:
    judged = verdict((300, 1000), (200, 1000), (250, 1000))

    assert judged.decision is not None
    # z of 300 against 250 is 2.5038, its p 0.012287: the larger of two, so Holm leaves it as it is.
    assert judged.decision.statistical_significance == Decimal("0.9877")


def test_intervals_of_several_variants_hold_together() -> None:
    comparison = verdict((100, 1000), (130, 1000), (90, 1000)).findings.comparisons[0]

    assert comparison.lift is not None
    assert comparison.fixed == wald_interval(comparison.lift, alpha=ALPHA / 2)
    assert comparison.always_valid == always_valid_interval(comparison.lift, impressions=2000, alpha=ALPHA / 2)


def test_leader_that_does_not_pass_is_no_winner_though_another_does() -> None:
    findings = verdict((100, 1000), (150, 1000), (14, 90), planned=90).findings

    assert findings.leader == 2
    assert [comparison.significant for comparison in findings.comparisons] == [True, False]
    assert significant_leader(findings) is None


def test_several_comparisons_cost_a_winner_its_pass() -> None:
    pair = (100, 1000), (130, 1000)

    alone, among = verdict(*pair), verdict(*pair, (100, 1000), (100, 1000))

    assert alone.kind is VerdictKind.WINNER_TO_CONFIRM
    assert among.findings.comparisons[0].result.p < 0.05 < among.findings.comparisons[0].p_corrected
    assert among.kind is VerdictKind.NO_DIFFERENCE


def test_rival_of_a_winner_is_named() -> None:
    judged = verdict((100, 1000), (160, 1000), (170, 1000))

    assert judged.decision is not None
    assert judged.decision.winner.name == "C"
    assert judged.words.headline == "C looks better: review and confirm"
    assert "It beats the control; B may be as good." in judged.words.details


def test_control_whose_interval_overlaps_with_the_winners_is_no_rival() -> None:
    judged = verdict((100, 1000), (132, 1000), planned=100)

    control, winner = judged.findings.variants
    assert control.interval is not None
    assert winner.interval is not None
    assert control.interval.high > winner.interval.low
    assert judged.decision is not None
    assert not any("may be as good" in sentence for sentence in judged.words.details)


@pytest.mark.parametrize("rivals", [[(90, 1000), (90, 1000)], [(60, 1000), (99, 1100), (90, 1000)]])
def test_variants_that_lead_with_one_rate_make_no_winner(rivals: list[tuple[int, int]]) -> None:
    judged = verdict((20, 1000), *rivals, planned=100)

    assert judged.decision is None
    assert judged.kind is VerdictKind.NO_DIFFERENCE
    assert judged.words.headline == "No difference worth finding"


def test_a_tie_names_all_that_lead_as_better_than_the_control() -> None:
    judged = verdict((20, 1000), (90, 1000), (90, 1000))

    assert (
        judged.words.reason == "B and C each beat the control, with the same rate of 9.00%: they can't be told apart."
    )
    assert judged.words.next_step.startswith("Complete the test without a winner and use any of them")


def test_a_variant_as_good_as_the_control_is_no_tie_of_winners() -> None:
    words = verdict((90, 1000), (90, 1000), (20, 1000)).words

    assert "each beat" not in words.reason


def test_improvement_that_outgrows_its_column_is_clamped_with_a_note() -> None:
    judged = verdict((5, 10_000), (600, 10_000))

    assert judged.decision is not None
    assert judged.decision.improvement_rate == Decimal("9.9999")
    assert judged.decision.improvement_note == "The lift is +11,900.0%; +999.99% is stored, the most the column holds."


def test_improvement_over_a_control_that_converts_nobody_is_empty() -> None:
    findings = verdict((0, 1000), (100, 1000)).findings

    rate, note = storable_improvement(findings, 1)

    assert rate is None
    assert note == "The control converts nobody, so there is no improvement to store."


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.tuples(st.integers(-5, 2_000_000), st.integers(-5, 2_000_000)), max_size=20),
    st.sampled_from([(), (Decimal(50), Decimal(50)), (Decimal(60), Decimal(30)), (Decimal(100), None)]),
    st.one_of(st.none(), st.lists(st.integers(0, 50), min_size=20, max_size=20)),
    st.one_of(st.none(), st.integers(-10, 2_000_000)),
    st.tuples(
        st.one_of(st.none(), st.decimals(Decimal("-9.99"), Decimal("9.99"), places=2)),
        st.one_of(st.none(), st.floats(-10, 5000)),
    ),
)
def test_every_test_the_columns_can_hold_gets_a_verdict_by_the_rules(
    counts: list[tuple[int, int]],
    shares: tuple[Decimal | None, ...],
    posts: list[int] | None,
    planned: int | None,
    known: tuple[Decimal | None, float | None],
) -> None:
    variants = tuple(VariantCounts(name, n, s) for name, (s, n) in zip(NAMES, counts, strict=False))
    assigned = None if posts is None else tuple(posts[: len(variants)])
    fitting = shares if len(shares) == len(variants) else ()
    test = TestCounts(variants, fitting, assigned, planned, *known)

    judged = judge_counts(test)

    winning = {VerdictKind.WINNER_TO_CONFIRM, VerdictKind.CONTROL_TO_CONFIRM}
    assert (judged.decision is not None) == (judged.kind in winning)
    assert (judged.kind is VerdictKind.RATIO_MISMATCH) == (judged.findings.ratio.outcome is RatioOutcome.FAILS)
    assert judged.words.headline
    assert judged.words.reason
    if judged.decision is None:
        return
    assert judged.findings.ratio.allows_winner
    assert all(v.has_minimum_data and planned is not None and v.impressions >= planned for v in variants)
    assert judged.decision.statistical_significance >= Decimal(1 - test.alpha) - Decimal("0.0001")
    others = [variant.rate or 0 for place, variant in enumerate(variants) if place != judged.decision.place]
    assert (judged.decision.winner.rate or 0) > max(others)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(50, 80), st.integers(1000, 1060)), min_size=2, max_size=5))
def test_order_of_the_variants_after_the_control_does_not_matter(counts: list[tuple[int, int]]) -> None:
    there, back = verdict(*counts), verdict(counts[0], *counts[:0:-1])

    assert [c.p_corrected for c in there.findings.comparisons] == pytest.approx(
        [c.p_corrected for c in back.findings.comparisons][::-1]
    )
    assert there.kind is back.kind
