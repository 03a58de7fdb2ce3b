"""The picture of the rates stands on its frame, whatever the rates."""

import pytest

from revenue.admin.ab_tests.picture import WIDTH, Picture, draw_rate_intervals
from revenue.statistics.counts import TestCounts, VariantCounts
from revenue.statistics.findings import compute_findings


def _drawn(*counts: tuple[int, int]) -> Picture | None:
    variants = tuple(VariantCounts("ABCDEF"[n], shown, acted) for n, (acted, shown) in enumerate(counts))
    return draw_rate_intervals(compute_findings(TestCounts(variants)))


@pytest.mark.parametrize(
    "counts",
    [
        ((5, 83), (12, 99)),
        ((0, 100), (0, 100)),
        ((100, 100), (1, 1)),
        ((0, 1), (10**7, 10**8)),
        ((0, 10**9), (0, 10**9)),
    ],
)
def test_every_mark_lies_in_its_interval_and_in_the_frame(counts: tuple[tuple[int, int], ...]) -> None:
    picture = _drawn(*counts)

    assert picture is not None
    for rate in picture.rates:
        assert 0 <= rate.low <= rate.rate <= rate.high <= WIDTH
        assert 0 < rate.y < picture.floor
    assert picture.rates[0].is_control
    assert picture.control == picture.rates[0].rate
    assert [tick.x for tick in picture.ticks] == sorted({tick.x for tick in picture.ticks})


def test_the_axis_is_round_and_reaches_the_widest_interval() -> None:
    picture = _drawn((5, 83), (12, 99))

    assert picture is not None
    assert [tick.label for tick in picture.ticks] == ["0%", "5%", "10%", "15%", "20%", "25%"]


def test_variants_never_shown_are_left_out() -> None:
    picture = _drawn((0, 0), (12, 99))

    assert picture is not None
    assert [rate.name for rate in picture.rates] == ["B"]
    assert picture.control is None
    assert _drawn((0, 0), (0, 0)) is None
