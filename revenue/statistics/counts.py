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


@dataclass(frozen=True, slots=True)
class VariantCounts:
    """How often one variant was shown, and how often it had success: inquiries or engagement, as its metric says."""

    name: str
    impressions: int
    successes: int

    @property
    def is_a_rate(self) -> bool:
        """Say whether successes out of impressions is a rate: neither negative, nor more than all."""
        return 0 <= self.successes <= self.impressions

    @property
    def rate(self) -> float | None:
        """Return successes per impression; None without impressions or where it is no rate."""
        return self.successes / self.impressions if self.impressions > 0 and self.is_a_rate else None

    @property
    def is_enough(self) -> bool:
        """Say whether the counts reach the minimum for any verdict."""
        return self.impressions >= MIN_IMPRESSIONS and self.successes >= MIN_SUCCESSES


@dataclass(frozen=True, slots=True)
class TestCounts:
    """A test as counted so far; the first variant is the control.

    `traffic_split` is the control's planned share, the others share the rest equally; None means equal shares for all.
    `minimum_sample_size` is the planned number of impressions of each variant, None where nothing was planned.
    `days_running` is None where it isn't known; observed daily impressions are the impressions by these days.
    """

    # pytest takes every class called Test… for a test.
    __test__ = False

    variants: tuple[VariantCounts, ...]
    traffic_split: Decimal | None = None
    minimum_sample_size: int | None = None
    confidence_threshold: Decimal | None = None
    days_running: float | None = None

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
        """Return whole days until the planned sample at the observed pace; None where pace or plan isn't known."""
        planned, days = self.planned_sample, self.days_running
        if planned is None or days is None or not self.variants:
            return None
        if self.reached_planned_sample:
            return 0
        if days <= 0 or any(variant.impressions <= 0 for variant in self.variants):
            return None
        return max(math.ceil((planned - v.impressions) * days / v.impressions) for v in self.variants)


@dataclass(frozen=True, slots=True)
class Interval:
    """A range of plausible values, both ends included."""

    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Say whether all of it lies on one side of zero."""
        return self.low > 0 or self.high < 0
