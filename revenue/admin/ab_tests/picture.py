"""Rates with their Wilson intervals as coordinates of an SVG, drawn by the template ab_test_rates.html.

Every number drawn is in the table beside it too, and nothing is shown by colour alone.
"""

import math
from dataclasses import dataclass
from typing import Final

from revenue.statistics.findings import Findings

WIDTH: Final = 600
_LEFT: Final = 8
_RIGHT: Final = 8
_ROW: Final = 48
_AXIS: Final = 28
_TICKS: Final = 5
_NICE_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of the axis."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class DrawnRate:
    """One variant: the ends of its interval, its rate, and the height of its line. The control has another mark."""

    name: str
    words: str
    low: float
    rate: float
    high: float
    y: float
    is_control: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """The measured picture; `control` is where the line of the control's rate is drawn, for comparing all others."""

    height: int
    floor: int
    rates: tuple[DrawnRate, ...]
    ticks: tuple[Tick, ...]
    control: float | None
    width: int = WIDTH


def draw_rate_intervals(findings: Findings) -> Picture | None:
    """Return the picture of the variants that have a rate, None where none has."""
    known = [finding for finding in findings.variants if finding.interval is not None and finding.rate is not None]
    if not known:
        return None
    step = _axis_step(max(finding.interval.high for finding in known if finding.interval))
    end = step * _TICKS
    floor = _ROW * len(known)
    rates = []
    for line, finding in enumerate(known):
        rate, interval = finding.rate or 0.0, finding.interval
        low, high = (interval.low, interval.high) if interval else (rate, rate)
        drawn = DrawnRate(
            name=finding.counts.name,
            words=f"{rate:.2%}, between {low:.2%} and {high:.2%}",
            low=_x_of_share(low, end),
            rate=_x_of_share(rate, end),
            high=_x_of_share(high, end),
            y=_ROW * line + _ROW * 0.7,
            is_control=finding.place == 0,
        )
        rates.append(drawn)
    ticks = tuple(Tick(_x_of_share(step * n, end), f"{step * n * 100:.4g}%") for n in range(_TICKS + 1))
    control = next((rate.rate for rate in rates if rate.is_control), None)
    return Picture(floor + _AXIS, floor, tuple(rates), ticks, control)


def _x_of_share(share: float, end: float) -> float:
    return round(_LEFT + share / end * (WIDTH - _LEFT - _RIGHT), 1)


def _axis_step(highest: float) -> float:
    """Return a round step of which five reach the highest value; a rate of nought still has an axis."""
    rough = max(highest, 1e-6) / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    return next(nice * power for nice in _NICE_STEPS if nice * power >= rough * (1 - 1e-9))
