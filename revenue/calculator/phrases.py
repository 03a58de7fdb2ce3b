"""The calculator's answer in words.

Sentences and the table's lines; the figures come from plan.py.
"""

from dataclasses import dataclass

from revenue.calculator.plan import Plan, Point
from revenue.statistics.phrases import count_with_noun, format_lift


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table; `days` is empty where the daily impressions aren't known, `note` where it is ordinary."""

    impressions: str
    total: str
    days: str
    power: str
    note: str


def format_share(part: float) -> str:
    """Return a share as it was entered: 80% and not 80.0%."""
    return f"{part * 100:.6g}%"


def describe_needed_size(answer: Plan) -> str:
    """Say the size, and how long it takes."""
    effect, needed = answer.question.effect, answer.needed
    text = (
        f"To find a change from {format_share(effect.base)} to {format_share(effect.target)} "
        f"with {format_share(answer.question.power)} power, each variant needs "
        f"{count_with_noun(needed.impressions, 'impression')}; that is {needed.total:,} in all."
    )
    return text if needed.days is None else f"{text} At this pace it takes {count_with_noun(needed.days, 'day')}."


def describe_given_size(answer: Plan) -> str:
    """Say what the given size can find; empty where none was given."""
    given = answer.given
    if given is None:
        return ""
    size = count_with_noun(given.impressions, "impression")
    text = f"{size} per variant have {_format_power(given)} power for this change"
    missed = f"they miss it in {1 - given.power:.0%} of all tests"
    if answer.detectable is None:
        return f"{text}: {missed}."
    return f"{text}: {missed}. The smallest rise they find with the power you want is {format_lift(answer.detectable)}."


def format_rule_of_sixteen(answer: Plan) -> str:
    """Say what the rule of thumb says; empty where it doesn't hold."""
    return "" if answer.rule is None else count_with_noun(answer.rule, "impression")


def describe_alpha_correction(answer: Plan) -> str:
    """Say what several comparisons cost; empty for two variants."""
    if answer.alpha == answer.question.alpha:
        return ""
    return (
        f"With {answer.question.variants} variants there are {answer.question.variants - 1} comparisons with the "
        f"control; each may raise a false alarm in {format_share(answer.alpha)} of all tests, so that all together "
        f"do in {format_share(answer.question.alpha)}."
    )


def table_lines(answer: Plan) -> tuple[Line, ...]:
    """Return the curve as a table, with the size asked about in its place."""
    points = {point.impressions: point for point in (*answer.curve, answer.needed)}
    if answer.given:
        points[answer.given.impressions] = answer.given
    lines = []
    for size, point in sorted(points.items()):
        is_asked = answer.given is not None and size == answer.given.impressions
        notes = ["what you need"] if size == answer.needed.impressions else []
        notes += ["what you asked about"] if is_asked else []
        days = "" if point.days is None else f"{point.days:,}"
        lines.append(Line(f"{size:,}", f"{point.total:,}", days, _format_power(point), ", ".join(notes)))
    return tuple(lines)


def _format_power(point: Point) -> str:
    return f"{point.power:.1%}"
