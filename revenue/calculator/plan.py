"""The sample size calculator's question and its answer: sample size, power, minimum detectable effect, days.

The formulas are in revenue.statistics.power; form.py reads the question, phrases.py and picture.py show the answer.
"""

from dataclasses import dataclass
from typing import Final

from revenue.statistics.power import (
    Effect,
    corrected_alpha,
    days_needed,
    detectable_lift,
    rule_of_sixteen,
    sample_size,
    statistical_power,
)

# The curve's points, in eighths of the sample size: enough for its bend, few enough to read as a table.
_EIGHTHS: Final = tuple(range(1, 13))
_RULE_ALPHA: Final = 0.05
_RULE_POWER: Final = 0.8


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: rates and chances between 0 and 1, `impressions` per variant, `daily_impressions` of all."""

    effect: Effect
    alpha: float
    power: float
    variants: int
    daily_impressions: float | None = None
    impressions: int | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A size, per variant and of all variants, the days it takes, None where unknown, and its power."""

    impressions: int
    total: int
    days: int | None
    power: float


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer. `rule` is None where the rule of thumb doesn't hold; `given` where no size was asked about.

    `alpha` is that of one comparison; `detectable` is the smallest relative lift the given size finds with the power
    asked for.
    """

    question: Question
    alpha: float
    needed: Point
    rule: int | None
    given: Point | None
    detectable: float | None
    curve: tuple[Point, ...]


def compute_sample_size_plan(question: Question) -> Plan:
    """Return the sample size for the question, the power of the size asked about, and the power curve."""
    alpha = corrected_alpha(question.alpha, question.variants)
    size = sample_size(question.effect, alpha=alpha, power=question.power)
    usual = (alpha, question.power) == (_RULE_ALPHA, _RULE_POWER)
    given = question.impressions
    # A set, because the eighths of a tiny sample size round to fewer sizes.
    parts = sorted({max(1, round(size * eighth / 8)) for eighth in _EIGHTHS})
    return Plan(
        question=question,
        alpha=alpha,
        needed=_curve_point(question, size, alpha),
        rule=rule_of_sixteen(question.effect) if usual else None,
        given=_curve_point(question, given, alpha) if given else None,
        detectable=detectable_lift(given, question.effect.base, alpha=alpha, power=question.power) if given else None,
        curve=tuple(_curve_point(question, part, alpha) for part in parts),
    )


def _curve_point(question: Question, impressions: int, alpha: float) -> Point:
    daily = question.daily_impressions
    return Point(
        impressions=impressions,
        total=impressions * question.variants,
        days=None if daily is None else days_needed(impressions, variants=question.variants, daily_impressions=daily),
        power=statistical_power(impressions, question.effect, alpha=alpha),
    )
