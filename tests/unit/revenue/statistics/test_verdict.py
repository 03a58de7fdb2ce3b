"""Verdicts: when there is a winner, and when there is none."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from revenue.statistics.counts import TestCounts, VariantCounts
from revenue.statistics.kinds import VerdictKind
from revenue.statistics.sequential import always_valid_interval, fixed_interval
from revenue.statistics.verdict import Verdict, judge_counts, storable_improvement, winning_place

HALF = Decimal("0.50")
ALPHA = float(1 - Decimal("0.95"))
NAMES = "ABCDEFGHIJKLMNOPQRST"


def verdict(
    *counts: tuple[int, int], planned: int | None = 100, split: Decimal | None = None, days: float = 10
) -> Verdict:
    """Judge variants A, B, … given as (successes, impressions)."""
    variants = tuple(VariantCounts(name, n, s) for name, (s, n) in zip(NAMES, counts, strict=False))
    return judge_counts(TestCounts(variants, split, planned, Decimal("0.95"), days))


@pytest.mark.parametrize(
    "counts",
    [
        [],
        [(50, 500)],
        [(0, 0), (0, 0)],
        [(20, 49), (20, 50)],
        [(4, 5000), (90, 5000)],
        [(90, 5000), (4, 5000)],
        [(90, 9000), (4, 1000)],
    ],
)
def test_too_little_data_is_collecting(counts: list[tuple[int, int]]) -> None:
    assert verdict(*counts).kind is VerdictKind.COLLECTING


@pytest.mark.parametrize("counts", [[(11, 10), (5, 10)], [(500, 5000), (-1, 5000)], [(10, 5000), (500, 5000), (1, 0)]])
def test_more_actions_than_impressions_are_not_a_rate(counts: list[tuple[int, int]]) -> None:
    judged = verdict(*counts)

    assert judged.kind is VerdictKind.NOT_A_RATE
    assert judged.decision is None
    assert "more actions than impressions" in judged.words.sentences[0]


@pytest.mark.parametrize(
    ("counts", "split"),
    [([(100, 5000), (200, 5500)], HALF), ([(100, 5000), (200, 5000)], Decimal("1.50")), ([(99, 900), (9, 99)], None)],
)
def test_wrong_traffic_hides_every_winner(counts: list[tuple[int, int]], split: Decimal | None) -> None:
    judged = verdict(*counts, split=split)

    assert judged.kind is VerdictKind.RATIO_MISMATCH
    assert judged.decision is None


def test_clear_difference_before_the_planned_sample_is_no_winner() -> None:
    judged = verdict((100, 1000), (300, 1000), planned=1001)

    assert judged.kind is VerdictKind.COLLECTING
    assert judged.decision is None
    assert judged.findings.comparisons[0].significant
    assert "sets B apart" in " ".join(judged.words.sentences)


def test_clear_difference_without_a_plan_is_no_winner() -> None:
    judged = verdict((100, 1000), (300, 1000), planned=None)

    assert judged.kind is VerdictKind.COLLECTING
    assert judged.words.next_step == "Set the minimum sample size on the test."


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
    assert unclear.words.headline == "No winner yet"


def test_control_is_as_significant_as_its_weakest_comparison() -> None:
    judged = verdict((300, 1000), (200, 1000), (250, 1000))

    assert judged.decision is not None
    # z of 300 against 250 is 2.5038, its p 0.012287: the larger of two, so Holm leaves it as it is.
    assert judged.decision.statistical_significance == Decimal("0.9877")


def test_intervals_of_several_variants_hold_together() -> None:
    comparison = verdict((100, 1000), (130, 1000), (90, 1000)).findings.comparisons[0]

    assert comparison.lift is not None
    assert comparison.fixed == fixed_interval(comparison.lift, alpha=ALPHA / 2)
    assert comparison.always_valid == always_valid_interval(comparison.lift, impressions=2000, alpha=ALPHA / 2)


def test_leader_that_does_not_pass_is_no_winner_though_another_does() -> None:
    findings = verdict((100, 1000), (150, 1000), (14, 90), planned=90).findings

    assert findings.leader == 2
    assert [comparison.significant for comparison in findings.comparisons] == [True, False]
    assert winning_place(findings) is None


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
    assert "It beats the control; B may be as good." in judged.words.sentences


def test_control_whose_interval_overlaps_with_the_winners_is_no_rival() -> None:
    judged = verdict((100, 1000), (132, 1000), planned=100)

    control, winner = judged.findings.variants
    assert control.interval is not None
    assert winner.interval is not None
    assert control.interval.high > winner.interval.low
    assert judged.decision is not None
    assert not any("may be as good" in sentence for sentence in judged.words.sentences)


@pytest.mark.parametrize("rivals", [[(90, 1000), (90, 1000)], [(60, 1000), (99, 1100), (90, 1000)]])
def test_variants_that_lead_with_one_rate_make_no_winner(rivals: list[tuple[int, int]]) -> None:
    judged = verdict((20, 1000), *rivals, planned=100)

    assert judged.decision is None
    assert judged.kind is VerdictKind.NO_DIFFERENCE
    assert judged.words.headline == "No winner yet"


def test_a_tie_names_all_that_lead_as_better_than_the_control() -> None:
    judged = verdict((20, 1000), (90, 1000), (90, 1000))

    assert "B and C each beat the control, with the same rate of 9.00%: they can't be told apart." in (
        judged.words.sentences
    )
    assert judged.words.next_step.startswith("Complete the test without a winner and use any of them")


def test_a_variant_as_good_as_the_control_is_no_tie_of_winners() -> None:
    words = verdict((90, 1000), (90, 1000), (20, 1000)).words

    assert "each beat" not in " ".join(words.sentences)


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


def test_small_plan_is_warned_of_with_its_power() -> None:
    warnings = verdict((5, 83), (12, 99), planned=100).words.warnings

    assert "The planned sample of 100 has 7% power for 2% → 3%; 80% takes 3,825 a variant." in warnings[0]


def test_large_plan_is_not_warned_of() -> None:
    assert verdict((500, 5000), (520, 5000), planned=3825).words.warnings == ()


def test_days_left_follow_the_observed_pace() -> None:
    judged = verdict((50, 500), (60, 480), planned=1000, days=10)

    assert judged.findings.test.days_left == 11
    assert judged.words.next_step == "Keep the test running: about 11 days left at the pace so far."


def test_unusable_confidence_is_warned_of_and_replaced() -> None:
    variants = (VariantCounts("A", 1000, 100), VariantCounts("B", 1000, 150))

    judged = judge_counts(TestCounts(variants, HALF, 100, Decimal("1.00")))

    assert judged.kind is VerdictKind.WINNER_TO_CONFIRM
    assert "threshold 1.00 can't be used" in judged.words.warnings[0]


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.tuples(st.integers(-5, 2_000_000), st.integers(0, 2_000_000)), max_size=20),
    st.one_of(st.none(), st.decimals(Decimal("-9.99"), Decimal("9.99"), places=2)),
    st.one_of(st.none(), st.integers(-10, 2_000_000)),
    st.one_of(st.none(), st.decimals(Decimal("-9.99"), Decimal("9.99"), places=2)),
    st.one_of(st.none(), st.floats(-10, 5000)),
)
def test_every_test_the_columns_can_hold_gets_a_verdict_by_the_rules(
    counts: list[tuple[int, int]],
    split: Decimal | None,
    planned: int | None,
    confidence: Decimal | None,
    days: float | None,
) -> None:
    variants = tuple(VariantCounts(name, n, s) for name, (s, n) in zip(NAMES, counts, strict=False))
    test = TestCounts(variants, split, planned, confidence, days)

    judged = judge_counts(test)

    assert (judged.decision is not None) == (judged.kind is VerdictKind.WINNER_TO_CONFIRM)
    if judged.decision is None:
        return
    assert judged.findings.ratio.allows_winner
    assert all(v.is_enough and planned is not None and v.impressions >= planned for v in variants)
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
