"""The tables of the result page: each number as people read it, to the digits they are checked by.

Turns findings into lines of text for the template; the findings come from revenue.statistics.
"""

from dataclasses import dataclass
from typing import Final

from revenue.ab_testing.judged import JudgedTest
from revenue.models import ABTestVariant
from revenue.statistics.counts import Interval
from revenue.statistics.findings import Findings, VariantFinding
from revenue.statistics.sample_ratio import RatioOutcome, RatioUnit

NOTHING: Final = "—"
MINUS: Final = "\N{MINUS SIGN}"
MIN_SHOWN: Final = 0.0001
ALL_LOST: Final = "*"
"""Marks an interval that was cut at losing everything."""

_OUTCOMES: Final = {
    RatioOutcome.PASSES: "It passes: the {unit} fit the plan.",
    RatioOutcome.WARNS: "It warns: the {unit} hardly fit the plan (p under .01).",
    RatioOutcome.FAILS: "It fails: the {unit} don't fit the plan (p under .001), so nothing here can be trusted.",
    RatioOutcome.TOO_FEW: "It can't be made yet: it takes at least 5 expected {unit} for each variant.",
    RatioOutcome.NO_PLAN: "It can't be made: the planned shares are no plan.",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number to four decimals, as people read it and, exactly, as a program does."""

    text: str
    exact: str = ""

    @classmethod
    def from_value(cls, value: float | None) -> "Figure":
        """Return the figure; None is nothing."""
        if value is None:
            return cls(NOTHING)
        return cls(f"{value:.4f}".replace("-", MINUS), repr(value))

    @classmethod
    def from_p_value(cls, p: float | None) -> "Figure":
        """Return a p value, of which nought to four decimals isn't nought."""
        return cls("< 0.0001", repr(p)) if p is not None and p < MIN_SHOWN else cls.from_value(p)


@dataclass(frozen=True, slots=True)
class VariantLine:
    """One variant's counts, rate and standing."""

    variant: ABTestVariant
    name: str
    is_control: bool
    is_winner: bool
    impressions: str
    posts: str
    share: str
    expected: str
    successes: str
    rate: str
    interval: str
    chance_to_be_best: str
    expected_loss: str


@dataclass(frozen=True, slots=True)
class ComparisonLine:
    """One variant against the control."""

    name: str
    method: str
    statistic: Figure
    p: Figure
    p_corrected: Figure
    lift: str
    fixed: str
    always_valid: str
    verdict: str

    @property
    def is_cut(self) -> bool:
        """Say whether an interval was cut at losing everything."""
        return ALL_LOST in f"{self.fixed}{self.always_valid}"


@dataclass(frozen=True, slots=True)
class TestLine:
    """A test of all variants together."""

    __test__ = False

    name: str
    statistic: Figure
    p: Figure


def variant_lines(current: JudgedTest) -> list[VariantLine]:
    """Return a line per variant, the control first."""
    findings = current.verdict.findings
    return [_variant_line(current, finding) for finding in findings.variants]


def comparison_lines(findings: Findings) -> list[ComparisonLine]:
    """Return a line per variant but the control; none where a variant has no rate yet."""
    return [
        ComparisonLine(
            name=comparison.variant.name,
            method=comparison.result.method,
            statistic=Figure.from_value(comparison.result.statistic),
            p=Figure.from_p_value(comparison.result.p),
            p_corrected=Figure.from_p_value(comparison.p_corrected),
            lift=f"{comparison.lift.value:+.2%}" if comparison.lift else "none: the control converts nobody",
            fixed=_format_lifts(comparison.fixed),
            always_valid=_format_lifts(comparison.always_valid),
            verdict="differs" if comparison.significant else "no difference shown",
        )
        for comparison in findings.comparisons
    ]


def overall_line(findings: Findings) -> TestLine | None:
    """Return the test of three or more variants at once, None where it wouldn't hold."""
    overall = findings.overall
    return (
        None
        if overall is None
        else TestLine(overall.method, Figure.from_value(overall.statistic), Figure.from_p_value(overall.p))
    )


def sample_ratio_line(findings: Findings) -> TestLine:
    """Return the check of the traffic against the planned shares."""
    ratio = findings.ratio
    words = _OUTCOMES[ratio.outcome].format(unit=ratio.unit)
    return TestLine(words, Figure.from_value(ratio.statistic), Figure.from_p_value(ratio.p))


def sample_ratio_sentence(current: JudgedTest) -> str:
    """Say which of posts and impressions was checked, and why."""
    if current.verdict.findings.ratio.unit is RatioUnit.POSTS:
        return "Checked on posts: the legacy scripts assign posts at random, and each variant's posts are known."
    if current.posts is None:
        return "Checked on impressions: no post assignments are known for this test."
    return (
        f"Checked on impressions: only {sum(current.posts):,} post assignments are known, and some variant has "
        "impressions without any."
    )


def _variant_line(current: JudgedTest, finding: VariantFinding) -> VariantLine:
    variant, ratio = current.variants[finding.place], current.verdict.findings.ratio
    # Before every variant has been shown, the posterior of one is the prior alone.
    standing = finding.standing if current.verdict.findings.leader is not None else None
    no_rate = NOTHING if finding.counts.has_valid_rate else "not a rate"
    interval = finding.interval
    return VariantLine(
        variant=variant,
        name=finding.counts.name,
        is_control=finding.place == 0,
        is_winner=variant == current.winner,
        impressions=f"{finding.counts.impressions:,}",
        posts=NOTHING if current.posts is None else f"{current.posts[finding.place]:,}",
        share=f"{ratio.shares[finding.place] * 100:.4g}%" if ratio.shares else NOTHING,
        expected=f"{ratio.expected[finding.place]:,.0f}" if ratio.expected else NOTHING,
        successes=f"{finding.counts.successes:,}",
        rate=no_rate if finding.rate is None else f"{finding.rate:.4%}",
        interval=NOTHING if interval is None else f"{interval.low:.2%} to {interval.high:.2%}",
        chance_to_be_best=NOTHING if standing is None else f"{standing.chance_to_be_best:.2%}",
        expected_loss=NOTHING if standing is None else f"{standing.expected_loss:.4%}",
    )


def _format_lifts(interval: Interval | None) -> str:
    """Return an interval of lifts; the normal approximation reaches below what can be lost, the text doesn't."""
    if interval is None:
        return NOTHING
    low = f"{-1:+.1%}{ALL_LOST}" if interval.low < -1 else f"{interval.low:+.1%}"
    return f"{low} to {interval.high:+.1%}"
