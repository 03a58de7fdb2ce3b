"""Numbers as people read them: shares, chances, p values, lifts, counts with a noun. Sentences are in wording.py."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from revenue.statistics.counts import Interval

_SHOWN: Final = 0.0001
_SMALL: Final = 0.1
_ALL_BUT_CERTAIN: Final = 0.999


def format_percent(share: float) -> str:
    """Return a share as per cent; small rates keep a second digit."""
    return f"{share:.1%}" if abs(share) >= _SMALL or share == 0 else f"{share:.2%}"


def format_percent_number(percent: Decimal) -> str:
    """Return a share that is in per cent already, without noughts at its end: 33.3% and not 33.30%."""
    return f"{f'{percent:.2f}'.rstrip('0').rstrip('.')}%"


def format_chance(probability: float) -> str:
    """Return a chance that never reads as certainty."""
    return f"{probability:.1%}" if probability <= _ALL_BUT_CERTAIN else "over 99.9%"


def format_lift(lift: float) -> str:
    """Return a lift in per cent with its sign."""
    return f"{lift:+,.1%}"


def format_p_value(p: float) -> str:
    """Return a p value to four decimals."""
    return f"{p:.4f}" if p >= _SHOWN else "under 0.0001"


def format_lift_interval(interval: Interval) -> str:
    """Return an interval of lifts."""
    # The normal approximation reaches below what can be lost.
    return f"{format_lift(max(-1.0, interval.low))} to {format_lift(interval.high)}"


def count_with_noun(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it isn't one."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def join_names(parts: Sequence[str]) -> str:
    """Return parts as a sentence lists them."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
