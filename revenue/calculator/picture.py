"""The power curve as coordinates of an SVG: points, axes and marks. The template and calculator.css draw them."""

from dataclasses import dataclass
from typing import Final

from revenue.calculator.plan import Plan, Point

WIDTH: Final = 480
HEIGHT: Final = 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 466, 12, 208
_TICKS: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on the picture with its words."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The curve as the points of an SVG polyline, and the marks and axes around it."""

    line: str
    dots: tuple[Mark, ...]
    powers: tuple[Mark, ...]
    sizes: tuple[Mark, ...]
    wanted: Mark
    needed: Mark
    given: Mark | None
    left: int = _LEFT
    right: int = _RIGHT
    top: int = _TOP
    bottom: int = _BOTTOM
    width: int = WIDTH
    height: int = HEIGHT


def draw_power_curve(answer: Plan) -> Picture:
    """Return the picture of an answer; a size asked about is marked if it lies within the curve."""
    most = answer.curve[-1].impressions
    dots = tuple(_point_mark(point, most) for point in answer.curve)
    given = answer.given
    thirds = [most * part / 3 for part in range(4)]
    return Picture(
        line=" ".join(f"{dot.x},{dot.y}" for dot in (Mark(_LEFT, _y_of_power(answer.alpha), ""), *dots)),
        dots=dots,
        powers=tuple(Mark(_LEFT, _y_of_power(share), f"{share:.0%}") for share in _TICKS),
        sizes=tuple(Mark(_x_of_impressions(size, most), _BOTTOM, f"{round(size):,}") for size in thirds),
        wanted=Mark(_RIGHT, _y_of_power(answer.question.power), f"{answer.question.power:.0%}"),
        needed=_point_mark(answer.needed, most),
        given=_point_mark(given, most) if given and given.impressions <= most else None,
    )


def _point_mark(point: Point, most: int) -> Mark:
    return Mark(_x_of_impressions(point.impressions, most), _y_of_power(point.power), f"{point.impressions:,}")


def _x_of_impressions(impressions: float, most: int) -> float:
    return round(_LEFT + (_RIGHT - _LEFT) * impressions / most, 1)


def _y_of_power(power: float) -> float:
    return round(_BOTTOM - (_BOTTOM - _TOP) * power, 1)
