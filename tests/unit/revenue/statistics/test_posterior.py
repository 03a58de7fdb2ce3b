"""The chance to be best and the expected loss."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from revenue.statistics.counts import VariantCounts
from revenue.statistics.posterior import compare_posteriors


@st.composite
def rates(draw: st.DrawFn) -> VariantCounts:
    impressions = draw(st.sampled_from([0, 1, 7, 50, 100, 3000, 2_000_000, 2_147_483_647]))
    return VariantCounts("", impressions, draw(st.integers(0, impressions)))


@settings(deadline=None)
@given(st.lists(rates(), min_size=1, max_size=6))
def test_chances_sum_to_one_whatever_the_counts(variants: list[VariantCounts]) -> None:
    stand = compare_posteriors(variants)

    # scipy's Beta distribution of two thousand million has no more digits.
    assert sum(standing.chance_to_be_best for standing in stand) == pytest.approx(1, abs=1e-7)
    assert all(0 <= s.chance_to_be_best <= 1 and 0 <= s.expected_loss <= 1 for s in stand)


@settings(deadline=None)
@given(st.lists(rates(), min_size=2, max_size=6))
def test_standings_do_not_mind_the_order(variants: list[VariantCounts]) -> None:
    there, back = compare_posteriors(variants), compare_posteriors(variants[::-1])[::-1]

    assert [s.chance_to_be_best for s in there] == pytest.approx([s.chance_to_be_best for s in back], abs=1e-7)
    assert [s.expected_loss for s in there] == pytest.approx([s.expected_loss for s in back], abs=1e-9)


def test_standings_repeat_to_the_last_digit() -> None:
    variants = [VariantCounts("A", 83, 5), VariantCounts("B", 99, 12)]

    assert compare_posteriors(variants) == compare_posteriors(variants)


def test_standings_agree_with_a_million_draws() -> None:
    variants = [VariantCounts("A", 83, 5), VariantCounts("B", 99, 12), VariantCounts("C", 40, 0)]
    generator = np.random.default_rng(20261122)
    draws = np.array(
        [generator.beta(v.successes + 0.5, v.impressions - v.successes + 0.5, 1_000_000) for v in variants]
    )

    stand = compare_posteriors(variants)

    best = [(draws.argmax(axis=0) == place).mean() for place in range(3)]
    losses = (draws.max(axis=0) - draws).mean(axis=1)
    assert [s.chance_to_be_best for s in stand] == pytest.approx(best, abs=0.002)
    assert [s.expected_loss for s in stand] == pytest.approx(list(losses), abs=0.0002)


def test_chance_has_the_closed_form_of_whole_numbered_posteriors() -> None:
    nobody, everybody = VariantCounts("A", 0, 0), VariantCounts("B", 0, 0)

    # Two posteriors of Beta(1/2, 1/2): the squared sines of two even angles, whose mean distance is 4 / π².
    first, second = compare_posteriors([nobody, everybody])
    assert first.chance_to_be_best == pytest.approx(0.5, abs=1e-12)
    assert first.expected_loss == pytest.approx(2 / np.pi**2, abs=1e-12)
    assert second.expected_loss == pytest.approx(2 / np.pi**2, abs=1e-12)


def test_twenty_equal_variants_share_the_chance() -> None:
    stand = compare_posteriors([VariantCounts(str(place), 1000, 30) for place in range(20)])

    assert [s.chance_to_be_best for s in stand] == pytest.approx([0.05] * 20, abs=1e-10)


def test_millions_without_success_lose_to_millions_with() -> None:
    none, some = compare_posteriors([VariantCounts("A", 2_000_000_000, 0), VariantCounts("B", 2_000_000_000, 1000)])

    assert none.chance_to_be_best == pytest.approx(0, abs=1e-12)
    assert some.expected_loss == pytest.approx(0, abs=1e-12)
    assert none.expected_loss == pytest.approx(1000 / 2_000_000_000, rel=1e-6)


def test_no_variants_have_no_standing() -> None:
    assert compare_posteriors([]) == ()
