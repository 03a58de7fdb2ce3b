"""Every number that a test's counts give: rates, intervals, comparisons with the control, sample ratio check, power.

`compute_findings` calls each formula where the counts allow it; verdict.py concludes from them, wording.py says it.
"""

from dataclasses import dataclass
from typing import Final

from revenue.statistics.comparisons import Lift, compare_all_rates, compare_rates, holm_bonferroni, relative_lift
from revenue.statistics.counts import Interval, TestCounts, VariantCounts
from revenue.statistics.posterior import Standing, compare_posteriors
from revenue.statistics.power import Effect, corrected_alpha, detectable_lift, sample_size, statistical_power
from revenue.statistics.proportions import TestResult, wilson_interval
from revenue.statistics.sample_ratio import RatioCheck, check_sample_ratio
from revenue.statistics.sequential import always_valid_interval, differ_at_every_look, wald_interval

# The effect staff hope for, from 2 % to 3 %: the power of a plan is computed for it, before any rate is known.
HOPED_FOR: Final = Effect(0.02, 0.03)
_SEVERAL: Final = 3


@dataclass(frozen=True, slots=True)
class VariantFinding:
    """One variant: `rate` and `interval` are None without impressions, `standing` where any variant is not a rate."""

    place: int
    counts: VariantCounts
    rate: float | None
    interval: Interval | None
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One variant against the control.

    `p_corrected` is Holm's; the intervals are of the relative lift and hold for all comparisons together. `lift` is
    None where the control converts nobody. `significant` means the always-valid interval, taken both ways, until the
    planned sample is reached, and the corrected test from then on.
    """

    place: int
    variant: VariantCounts
    result: TestResult
    p_corrected: float
    lift: Lift | None
    fixed: Interval | None
    always_valid: Interval | None
    significant: bool


@dataclass(frozen=True, slots=True)
class PlanPower:
    """What the planned sample can find: the chance for the hoped-for effect, and the smallest lift found 4 times in 5.

    `needed` is the sample the hoped-for effect takes; `detectable` is relative to the control's own rate, None without.
    """

    planned_sample: int
    chance: float
    needed: int
    detectable: float | None

    @property
    def is_too_small(self) -> bool:
        """Say whether the hoped-for effect would be missed more often than 1 time in 5."""
        return self.planned_sample < self.needed


@dataclass(frozen=True, slots=True)
class Findings:
    """A test's numbers; `comparisons` is empty and `leader` None where a variant has no rate."""

    test: TestCounts
    variants: tuple[VariantFinding, ...]
    comparisons: tuple[Comparison, ...]
    overall: TestResult | None
    ratio: RatioCheck
    plan: PlanPower | None
    leader: int | None

    @property
    def control(self) -> VariantFinding:
        """Return the control's finding. Raises IndexError without variants."""
        return self.variants[0]

    @property
    def leaders(self) -> tuple[int, ...]:
        """Return the places of all variants with the best rate; none where a variant has no rate."""
        if self.leader is None:
            return ()
        best = self.variants[self.leader].rate
        return tuple(variant.place for variant in self.variants if variant.rate == best)

    def decisive_comparisons(self, place: int) -> tuple[Comparison, ...]:
        """Return the comparisons a leader must pass: a variant its own, the control all of them."""
        return self.comparisons if place == 0 else self.comparisons[place - 1 : place]


def compute_findings(test: TestCounts) -> Findings:
    """Return every number the counts allow."""
    rates = [variant.rate for variant in test.variants]
    known = [rate for rate in rates if rate is not None]
    complete = bool(rates) and len(known) == len(rates)
    plan = None
    if test.planned_sample is not None:
        alpha = corrected_alpha(test.alpha, len(test.variants))
        base = test.variants[0].rate if test.variants else None
        plan = PlanPower(
            planned_sample=test.planned_sample,
            chance=statistical_power(test.planned_sample, HOPED_FOR, alpha=alpha),
            needed=sample_size(HOPED_FOR, alpha=alpha),
            detectable=detectable_lift(test.planned_sample, base, alpha=alpha) if base else None,
        )
    comparable = all(variant.has_valid_rate for variant in test.variants)
    stand = compare_posteriors(test.variants) if comparable else (None,) * len(test.variants)
    return Findings(
        test=test,
        variants=tuple(
            VariantFinding(place, variant, variant.rate, wilson_interval(variant, test.alpha), standing)
            for place, (variant, standing) in enumerate(zip(test.variants, stand, strict=True))
        ),
        comparisons=_compare_with_control(test) if complete else (),
        overall=compare_all_rates(test.variants) if complete and len(rates) >= _SEVERAL else None,
        ratio=check_sample_ratio(test),
        plan=plan,
        leader=known.index(max(known)) if complete else None,
    )


def _compare_with_control(test: TestCounts) -> tuple[Comparison, ...]:
    results = [compare_rates(test.control, variant) for variant in test.variants[1:]]
    corrected = holm_bonferroni([result.p for result in results])
    # The intervals hold together by Bonferroni: Holm's steps give p values, no intervals.
    alpha = corrected_alpha(test.alpha, len(test.variants))
    comparisons = []
    for place, (result, p_corrected) in enumerate(zip(results, corrected, strict=True), start=1):
        variant = test.variants[place]
        lift = relative_lift(test.control, variant)
        both = test.control.impressions + variant.impressions
        early = differ_at_every_look(test.control, variant, alpha=alpha)
        comparison = Comparison(
            place=place,
            variant=variant,
            result=result,
            p_corrected=p_corrected,
            lift=lift,
            fixed=wald_interval(lift, alpha=alpha) if lift else None,
            always_valid=always_valid_interval(lift, impressions=both, alpha=alpha) if lift else None,
            significant=p_corrected < test.alpha if test.reached_planned_sample else early,
        )
        comparisons.append(comparison)
    return tuple(comparisons)
