"""What was counted of each variant, and what the test planned: the values that every formula takes.

revenue.ab_testing.judged reads them from rows.
"""

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

DEFAULT_CONFIDENCE: Final = Decimal("0.95")
MIN_CONFIDENCE: Final = Decimal("0.5")

# With less data than this the verdict is "collecting data", whatever the rates are.
MIN_IMPRESSIONS: Final = 50
MIN_SUCCESSES: Final = 5

MIN_STALLED_DAYS: Final = 7
"""Days without an impression after which a test is stalled: posts come weekly."""


@dataclass(frozen=True, slots=True)
class VariantCounts:
    """How often one variant was shown, and how often it had success: inquiries or engagement, as its metric says."""

    name: str
    impressions: int
    successes: int

    @property
    def has_valid_rate(self) -> bool:
        """Say whether the counts make a valid rate: successes neither negative nor more than the impressions."""
        return 0 <= self.successes <= self.impressions

    @property
    def rate(self) -> float | None:
        """Return successes per impression; None without impressions or where it is no rate."""
        return self.successes / self.impressions if self.impressions > 0 and self.has_valid_rate else None

    @property
    def has_minimum_data(self) -> bool:
        """Say whether the counts reach the minimum for any verdict."""
        return self.impressions >= MIN_IMPRESSIONS and self.successes >= MIN_SUCCESSES


@dataclass(frozen=True, slots=True)
class TestCounts:
    """A test as counted so far; the first variant is the control.

    `planned_shares` are the shares that a person planned, in per cent and by variant; empty, or all None, means equal
    shares. Some that are None, or a sum that isn't 100, are no plan, and then the traffic can't be checked.
    `posts` are the posts assigned to each variant, None where the assignments aren't known.
    `minimum_sample_size` is the planned number of impressions of each variant, None where nothing was planned.
    `days_running` is None where it isn't known; observed daily impressions are the impressions by these days.
    `days_without_impressions` is None where nobody knows when the last one came.
    """

    # pytest takes every class called Test… for a test.
    __test__ = False

    variants: tuple[VariantCounts, ...]
    planned_shares: tuple[Decimal | None, ...] = ()
    posts: tuple[int, ...] | None = None
    minimum_sample_size: int | None = None
    confidence_threshold: Decimal | None = None
    days_running: float | None = None
    days_without_impressions: float | None = None

    @property
    def control(self) -> VariantCounts:
        """Return the variant the others are compared with. Raises IndexError without any."""
        return self.variants[0]

    @property
    def planned_sample(self) -> int | None:
        """Return the impressions planned for each variant, None where the test planned none."""
        size = self.minimum_sample_size
        return size if size is not None and size > 0 else None

    @property
    def reached_planned_sample(self) -> bool:
        """Say whether every variant has the impressions it planned; without a plan never."""
        planned = self.planned_sample
        return planned is not None and all(variant.impressions >= planned for variant in self.variants)

    @property
    def is_stalled(self) -> bool:
        """Say whether it is so long since the last impression that waiting for the next is no plan."""
        days = self.days_without_impressions
        return days is not None and days >= MIN_STALLED_DAYS

    @property
    def has_usable_confidence(self) -> bool:
        """Say whether the stored threshold is a confidence one can test at."""
        stored = self.confidence_threshold
        return stored is None or MIN_CONFIDENCE <= stored < 1

    @property
    def alpha(self) -> float:
        """Return the accepted chance of a false alarm, 0.05 where the stored threshold can't be used."""
        stored = self.confidence_threshold if self.has_usable_confidence else None
        return float(1 - (DEFAULT_CONFIDENCE if stored is None else stored))

    @property
    def days_left(self) -> int | None:
        """Return whole days until every variant has its planned sample and the minimum of data, at the observed pace.

        None where pace or plan isn't known.
        """
        planned = self.planned_sample
        if planned is None or not self.variants:
            return None
        sample = [self.days_until(max(planned, MIN_IMPRESSIONS), variant.impressions) for variant in self.variants]
        minimum = [self.days_until(MIN_SUCCESSES, variant.successes) for variant in self.variants]
        known = [days for days in (*sample, *minimum) if days is not None]
        # Before the planned sample is there, a variant without conversions may still get some on the way.
        is_unknown = None in sample or (None in minimum and not any(sample))
        return None if is_unknown else max(known)

    def days_until(self, target: int, count: int) -> int | None:
        """Return whole days until a count reaches a target at its pace so far; None where it has none."""
        if count >= target:
            return 0
        days = self.days_running
        return None if days is None or days <= 0 or count <= 0 else math.ceil((target - count) * days / count)


@dataclass(frozen=True, slots=True)
class Interval:
    """A range of plausible values, both ends included."""

    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Say whether all of it lies on one side of zero."""
        return self.low > 0 or self.high < 0
