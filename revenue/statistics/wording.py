"""The verdict in plain words: headline, the reason in one sentence, details and the next step, as plain text.

Names of variants are in it as they were given, so the page has to escape them. The rules are in verdict.py, the numbers
in findings.py, the warnings in warning_sentences.py, the words for a test that isn't done in waiting_sentences.py.
What is said of a whole test (not started, confirmed) is revenue.ab_testing.outcome's.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from revenue.statistics.findings import Comparison, Findings
from revenue.statistics.kinds import VerdictKind
from revenue.statistics.phrases import (
    format_chance,
    format_lift,
    format_lift_interval,
    format_p_value,
    format_percent,
    format_percent_number,
    join_names,
)
from revenue.statistics.power import corrected_alpha, detectable_lift
from revenue.statistics.waiting_sentences import (
    missing_data_sentences,
    stalled_headline,
    waiting_headline,
    waiting_reason,
    waiting_step,
)
from revenue.statistics.warning_sentences import invalid_rate_sentence, verdict_warnings

CAVEAT: Final = (
    "LinkedIn impressions are neither randomised nor independent people: one person may see both variants, or one "
    "variant many times. Treat every number here as a hint, not as proof."
)

FIX_THE_TRAFFIC: Final = "Fix the traffic"
_NOT_YET: Final = "A winner is named once the planned sample is reached."


@dataclass(frozen=True, slots=True)
class VerdictText:
    """What a verdict says: a headline, its reason in one sentence, more behind it, doubts, and what to do next."""

    headline: str
    reason: str
    next_step: str
    details: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def describe_verdict(findings: Findings, kind: VerdictKind, winner: int | None) -> VerdictText:
    """Return the words for a verdict of `kind`; `winner` is the place of a winner to confirm."""
    words = _describe_winner(findings, winner) if winner is not None else _WORDS[kind](findings)
    return replace(words, warnings=verdict_warnings(findings, kind, winner))


def _describe_mismatch(findings: Findings) -> VerdictText:
    ratio = findings.ratio
    got = join_names([f"{count:,}" for count in ratio.observed])
    planned = join_names([f"{round(expected):,}" for expected in ratio.expected])
    reason = (
        f"Sample ratio mismatch: the variants got {got} {ratio.unit} where {planned} were planned, and chance hardly "
        f"does that (p {format_p_value(ratio.p or 0.0)})."
    )
    return VerdictText(FIX_THE_TRAFFIC, reason, "Find out why before you collect more, then start the test anew.")


def _describe_invalid_rate(findings: Findings) -> VerdictText:
    return VerdictText("Not a rate", invalid_rate_sentence(findings), "Correct the counts of these variants.")


def _describe_nothing_to_compare(_: Findings) -> VerdictText:
    reason = "There is nothing to compare: a test needs a control and at least one other variant."
    return VerdictText("Nothing to compare yet", reason, "Add the missing variants.")


def _describe_unusable_shares(findings: Findings) -> VerdictText:
    shares = findings.test.planned_shares
    missing = [v.name for v, share in zip(findings.test.variants, shares, strict=False) if share is None]
    if missing:
        verb = "has" if len(missing) == 1 else "have"
        problem = f"{join_names(missing)} {verb} no planned share while others have one"
    else:
        total = format_percent_number(sum(filter(None, shares), Decimal(0)))
        problem = f"The planned shares sum to {total}, not to 100%"
    step = "Correct the planned shares of the variants, or empty all of them for equal shares."
    return VerdictText(FIX_THE_TRAFFIC, f"{problem}, so the traffic can't be checked.", step)


def _describe_waiting(findings: Findings) -> VerdictText:
    details = (*missing_data_sentences(findings), *_interim_sentences(findings))
    return VerdictText(waiting_headline(findings), waiting_reason(findings), waiting_step(findings), details)


def _describe_stalled(findings: Findings) -> VerdictText:
    step = "Publish the next posts or enter the missing impressions; or complete the test without a winner."
    # Since when, only revenue.ab_testing.outcome knows: it replaces the reason.
    reason = "No impressions have come for a week or more."
    return VerdictText(stalled_headline(findings.test), reason, step, missing_data_sentences(findings))


def _interim_sentences(findings: Findings) -> tuple[str, ...]:
    """Return what the always-valid interval already shows, where there is enough data to say anything."""
    if not findings.comparisons or not all(variant.has_minimum_data for variant in findings.test.variants):
        return ()
    apart = [comparison.variant.name for comparison in findings.comparisons if comparison.significant]
    if not apart:
        return ("So far no difference holds up to being looked at every day.",)
    return (f"The always-valid interval already sets {join_names(apart)} apart from the control. {_NOT_YET}",)


def _describe_no_winner(findings: Findings) -> VerdictText:
    apart = [comparison.variant.name for comparison in findings.comparisons if comparison.significant]
    step = "Complete the test without a winner, or plan a larger sample."
    reason = "No variant differs from the control by more than chance does"
    detectable = _current_detectable_lift(findings)
    if detectable is not None:
        reason += f"; so many impressions only find lifts of {format_percent(detectable)} and more"
    reason += "."
    leaders = findings.leaders
    # A tie: several variants lead with one rate, the control not among them, and each of them passes.
    is_tie = len(leaders) > 1 and all(
        place and comparison.significant for place in leaders for comparison in findings.decisive_comparisons(place)
    )
    if is_tie:
        names = join_names([findings.test.variants[place].name for place in leaders])
        rate = findings.variants[leaders[0]].rate or 0.0
        reason = f"{names} each beat the control, with the same rate of {rate:.2%}: they can't be told apart."
        step = "Complete the test without a winner and use any of them, or plan a larger sample."
    elif apart:
        leader = findings.test.variants[findings.leader or 0].name
        verb = "differs" if len(apart) == 1 else "differ"
        reason = f"{join_names(apart)} {verb} from the control, yet {leader}, which leads, can't be told apart."
    details = (
        *(_comparison_sentence(comparison) for comparison in findings.comparisons),
        "That is no proof that they are the same: the intervals show which lifts remain possible.",
    )
    return VerdictText("No difference worth finding", reason, step, details)


def _current_detectable_lift(findings: Findings) -> float | None:
    """Return the smallest lift that the impressions of the smallest variant find 4 times in 5."""
    test = findings.test
    alpha = corrected_alpha(test.alpha, len(test.variants))
    fewest = min(variant.impressions for variant in test.variants)
    return detectable_lift(fewest, test.control.rate or 0.0, alpha=alpha)


def _describe_winner(findings: Findings, winner: int) -> VerdictText:
    finding, decisive = findings.variants[winner], findings.decisive_comparisons(winner)
    p = format_p_value(max(comparison.p_corrected for comparison in decisive))
    rate, name = format_percent(finding.rate or 0.0), finding.counts.name
    if winner:
        headline = f"{name} looks better: review and confirm"
        lift = decisive[0].lift
        said = f", a lift of {format_lift(lift.value)}" if lift else ""
        base = format_percent(findings.control.rate or 0.0)
        reason = f"{name} converts {rate} of its impressions, the control {base}{said} (corrected p {p})."
    else:
        best = max(findings.variants[1:], key=lambda other: other.rate or 0.0)
        headline = "The control is better"
        reason = (
            f"{name}, the control, converts {rate} of its impressions, the best of the others "
            f"{format_percent(best.rate or 0.0)} (corrected p {p})."
        )
    details = [_comparison_sentence(comparison) for comparison in decisive]
    if finding.standing:
        details.append(
            f"{name} is the best with a chance of {format_chance(finding.standing.chance_to_be_best)}; "
            f"choosing it gives up {finding.standing.expected_loss * 100:.4f} percentage points on average."
        )
    step = "Read the warnings, then confirm the winner; nothing is stored before."
    return VerdictText(headline, reason, step, (*details, *_rival_sentence(findings, winner)))


def _rival_sentence(findings: Findings, winner: int) -> tuple[str, ...]:
    """Name the variants that overlap with a winner that isn't the control: it beat the control, not them."""
    own = findings.variants[winner].interval
    rivals = [
        other.counts.name
        for other in findings.variants[1:]
        if winner and other.place != winner and own and other.interval and other.interval.high >= own.low
    ]
    return (f"It beats the control; {join_names(rivals)} may be as good.",) if rivals else ()


def _comparison_sentence(comparison: Comparison) -> str:
    text = f"{comparison.variant.name} against the control: corrected p {format_p_value(comparison.p_corrected)}"
    if comparison.lift is None:
        return f"{text}."
    text += f", lift {format_lift(comparison.lift.value)}"
    if comparison.fixed is None or comparison.always_valid is None:
        return f"{text}."
    fixed, always_valid = format_lift_interval(comparison.fixed), format_lift_interval(comparison.always_valid)
    return f"{text} (fixed interval {fixed}, always-valid {always_valid})."


_WORDS: Final[dict[VerdictKind, Callable[[Findings], VerdictText]]] = {
    VerdictKind.RATIO_MISMATCH: _describe_mismatch,
    VerdictKind.NOT_A_RATE: _describe_invalid_rate,
    VerdictKind.NOTHING_TO_COMPARE: _describe_nothing_to_compare,
    VerdictKind.UNUSABLE_SHARES: _describe_unusable_shares,
    VerdictKind.COLLECTING: _describe_waiting,
    VerdictKind.STALLED: _describe_stalled,
    VerdictKind.NO_DIFFERENCE: _describe_no_winner,
}
