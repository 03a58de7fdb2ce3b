"""What the calculator answers, number by number."""

import pytest

from revenue.calculator.phrases import describe_alpha_correction, describe_given_size, describe_needed_size, table_lines
from revenue.calculator.picture import draw_power_curve
from revenue.calculator.plan import Question, compute_sample_size_plan
from revenue.statistics.power import Effect

HOPED_FOR = Question(Effect(0.02, 0.03), alpha=0.05, power=0.8, variants=2)


def test_plan_needs_the_reference_size() -> None:
    answer = compute_sample_size_plan(HOPED_FOR)

    assert answer.needed.impressions == 3825
    assert answer.needed.total == 7650
    assert answer.needed.days is None
    assert answer.needed.power == pytest.approx(0.8, abs=1e-4)


def test_rule_of_sixteen_stands_only_where_it_holds() -> None:
    effect = Effect(0.1, 0.12)

    assert compute_sample_size_plan(Question(effect, 0.05, 0.8, 2)).rule == 3600
    assert compute_sample_size_plan(Question(effect, 0.05, 0.9, 2)).rule is None
    assert compute_sample_size_plan(Question(effect, 0.05, 0.8, 3)).rule is None


def test_hundred_impressions_are_said_to_miss_nearly_always() -> None:
    words = describe_given_size(compute_sample_size_plan(Question(HOPED_FOR.effect, 0.05, 0.8, 2, impressions=100)))

    assert words.startswith("100 impressions per variant have 7.4% power for this change: they miss it in 93%")


def test_days_follow_the_traffic_of_all_variants() -> None:
    answer = compute_sample_size_plan(Question(HOPED_FOR.effect, 0.05, 0.8, 2, daily_impressions=100))

    assert answer.needed.days == 77
    assert describe_needed_size(answer).endswith("At this pace it takes 77 days.")


def test_more_variants_share_the_false_alarms() -> None:
    answer = compute_sample_size_plan(Question(HOPED_FOR.effect, 0.05, 0.8, 3))

    assert answer.alpha == 0.025
    assert answer.needed.impressions > 3825
    assert "each may raise a false alarm in 2.5% of all tests" in describe_alpha_correction(answer)


def test_table_rises_and_marks_what_is_needed_and_asked_about() -> None:
    table = table_lines(compute_sample_size_plan(Question(HOPED_FOR.effect, 0.05, 0.8, 2, impressions=100)))

    sizes = [int(line.impressions.replace(",", "")) for line in table]
    assert sizes == sorted(set(sizes))
    assert {line.impressions: line.note for line in table if line.note} == {
        "100": "what you asked about",
        "3,825": "what you need",
    }


def test_picture_puts_the_needed_size_on_the_wanted_power() -> None:
    picture = draw_power_curve(compute_sample_size_plan(HOPED_FOR))

    assert picture.needed.y == pytest.approx(picture.wanted.y, abs=0.1)
    assert picture.left < picture.needed.x < picture.right
    assert all(picture.top <= dot.y <= picture.bottom for dot in picture.dots)


def test_picture_leaves_out_a_size_beyond_its_curve() -> None:
    assert (
        draw_power_curve(compute_sample_size_plan(Question(HOPED_FOR.effect, 0.05, 0.8, 2, impressions=10**6))).given
        is None
    )


def test_tiny_sizes_are_drawn_all_the_same() -> None:
    answer = compute_sample_size_plan(Question(Effect(0.01, 0.99), 0.05, 0.8, 2, impressions=1))

    assert answer.needed.impressions >= 1
    assert draw_power_curve(answer).line
    assert table_lines(answer)
