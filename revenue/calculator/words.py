"""The calculator's answer in words.

What lives here: sentences and the table's lines. What does not: the figures (plan.py), the page (templates/revenue).
"""

from dataclasses import dataclass

from revenue.calculator.plan import Plan, Point
from revenue.statistics.phrases import counted, signed


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table; `days` is empty where the daily impressions aren't known, `note` where it is ordinary."""

    impressions: str
    total: str
    days: str
    power: str
    note: str


def share(part: float) -> str:
    """Return a share as it was entered: 80% and not 80.0%."""
    return f"{part * 100:.6g}%"


def answer_in_words(answer: Plan) -> str:
    """Say the size, and how long it takes."""
    effect, needed = answer.question.effect, answer.needed
    text = (
        f"To find a change from {share(effect.base)} to {share(effect.target)} with {share(answer.question.power)} "
        f"power, each variant needs {counted(needed.impressions, 'impression')}; that is {needed.total:,} in all."
    )
    return text if needed.days is None else f"{text} At this pace it takes {counted(needed.days, 'day')}."


def given_in_words(answer: Plan) -> str:
    """Say what the given size can find; empty where none was given."""
    given = answer.given
    if given is None:
        return ""
    text = f"{counted(given.impressions, 'impression')} per variant have {_power(given)} power for this change"
    missed = f"they miss it in {1 - given.power:.0%} of all tests"
    if answer.detectable is None:
        return f"{text}: {missed}."
    return f"{text}: {missed}. The smallest rise they find with the power you want is {signed(answer.detectable)}."


def rule_in_words(answer: Plan) -> str:
    """Say what the rule of thumb says; empty where it doesn't hold."""
    return "" if answer.rule is None else counted(answer.rule, "impression")


def share_of_alpha_in_words(answer: Plan) -> str:
    """Say what several comparisons cost; empty for two variants."""
    if answer.alpha == answer.question.alpha:
        return ""
    return (
        f"With {answer.question.variants} variants there are {answer.question.variants - 1} comparisons with the "
        f"control; each may raise a false alarm in {share(answer.alpha)} of all tests, so that all together do in "
        f"{share(answer.question.alpha)}."
    )


def lines(answer: Plan) -> tuple[Line, ...]:
    """Return the curve as a table, with the size asked about in its place."""
    points = {point.impressions: point for point in (*answer.curve, answer.needed)}
    if answer.given:
        points[answer.given.impressions] = answer.given
    return tuple(_line(answer, points[size]) for size in sorted(points))


def _line(answer: Plan, point: Point) -> Line:
    notes = []
    if point.impressions == answer.needed.impressions:
        notes.append("what you need")
    if answer.given and point.impressions == answer.given.impressions:
        notes.append("what you asked about")
    days = "" if point.days is None else f"{point.days:,}"
    return Line(f"{point.impressions:,}", f"{point.total:,}", days, _power(point), ", ".join(notes))


def _power(point: Point) -> str:
    return f"{point.power:.1%}"
