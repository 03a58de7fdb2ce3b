"""How numbers read, and how bars are measured."""

from decimal import Decimal

import pytest

from synapse.kit.dashboard import Bar, Chart, ChartKind, Figure, Number, Unit
from synapse.kit.dashboard.page import measure_chart


@pytest.mark.parametrize(
    ("number", "text", "exact"),
    [
        (Number(1234), "1,234", "1234"),
        (Number(Decimal("610000.00"), Unit.MONEY), "$610,000", "610000.00"),
        (Number(Decimal("0.50"), Unit.MONEY), "$0.50", "0.50"),
        (Number(Decimal("-12.5"), Unit.MONEY), "-$12.50", "-12.5"),
        (Number(Decimal("1E+3"), Unit.MONEY), "$1,000", "1000"),
        (Number(Decimal(1) / 3, Unit.SHARE), "33.3%", "0.3333333333333333333333333333"),
        (Number(Decimal("7.50"), Unit.SCORE), "7.5", "7.50"),
        (Number(Decimal(100), Unit.SCORE), "100", "100"),
        (Number(0), "0", "0"),
        (Number(None, Unit.MONEY), "\N{EM DASH}", ""),
    ],
)
def test_number_reads_as_its_unit(number: Number, text: str, exact: str) -> None:
    assert (number.text, number.exact_text) == (text, exact)


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [(12, 9, "3 more than"), (9, 12, "3 less than"), (9, 9, "the same as"), (None, 9, ""), (9, None, "")],
)
def test_change_says_how_much_and_which_way(now: int | None, before: int | None, words: str) -> None:
    assert Figure("Inquiries", Number(now), Number(before)).change == words


def chart_of(*values: Decimal | int | None, kind: ChartKind = ChartKind.BARS) -> Chart:
    return Chart("A", kind, "B", ("C",), tuple(Bar("D", (Number(value),)) for value in values), empty="")


def test_bars_are_measured_against_the_longest() -> None:
    assert [bar.length for bar in measure_chart(chart_of(50, Decimal(200), 0)).bars] == [25.0, 100.0, 0.0]


def test_missing_and_negative_values_are_drawn_as_nothing() -> None:
    assert [bar.length for bar in measure_chart(chart_of(None, -5)).bars] == [0.0, 0.0]


def test_funnel_stands_in_the_middle() -> None:
    assert [bar.room for bar in measure_chart(chart_of(10, 5, kind=ChartKind.FUNNEL)).bars] == [0.0, 25.0]


def test_words_of_a_bar_can_not_disturb_the_page() -> None:
    chart = Chart("A", ChartKind.BARS, "B", ("C",), (Bar("a\u202eb\x00" + "x" * 500, (Number(1),)),), empty="")
    label = measure_chart(chart).bars[0].label
    assert label.startswith("a\u27e8U+202E\u27e9b\u2400x")
    assert len(label) == 100
