"""The verdict in plain words: headline, sentences and the next step, as plain text.

Names of variants are in it as they were given, so the page has to escape them. The rules are in verdict.py, the numbers
in findings.py, the warnings in doubts.py.
"""

from dataclasses import dataclass
from typing import Final

from revenue.statistics.counts import MIN_IMPRESSIONS, MIN_SUCCESSES
from revenue.statistics.doubts import verdict_warnings
from revenue.statistics.findings import Comparison, Findings
from revenue.statistics.kinds import VerdictKind
from revenue.statistics.phrases import (
    count_with_noun,
    format_chance,
    format_lift,
    format_lift_interval,
    format_p_value,
    join_names,
)

CAVEAT: Final = (
    "LinkedIn impressions are neither randomised nor independent people: one person may see both variants, or one "
    "variant many times. Treat every number here as a hint, not as proof."
)

_MIN_VARIANTS: Final = 2
_NOT_YET: Final = "A winner is named once the planned sample is reached."


@dataclass(frozen=True, slots=True)
class Words:
    """What a verdict says: one headline, what it rests on, what makes it doubtful, and what to do next."""

    headline: str
    sentences: tuple[str, ...]
    warnings: tuple[str, ...]
    next_step: str


def verdict_words(findings: Findings, kind: VerdictKind, winner: int | None) -> Words:
    """Return the words for a verdict of `kind`; `winner` is the place of a winner to confirm."""
    warnings = verdict_warnings(findings, kind, winner)
    if kind is VerdictKind.NOT_A_RATE:
        sentences = tuple(
            f"{v.name} counts {count_with_noun(v.successes, 'action')} for "
            f"{count_with_noun(v.impressions, 'impression')}: "
            "there can't be more actions than impressions, nor fewer than none."
            for v in findings.test.variants
            if not v.is_a_rate
        )
        return Words("Not a rate", sentences, warnings, "Correct the counts of these variants.")
    if kind is VerdictKind.RATIO_MISMATCH:
        return _ratio_mismatch(findings, warnings)
    if kind is VerdictKind.COLLECTING:
        return Words(
            "Collecting data", (*_missing_sentences(findings), *_so_far(findings)), warnings, _waiting_step(findings)
        )
    if kind is VerdictKind.NO_DIFFERENCE or winner is None:
        return _no_winner(findings, warnings)
    return _winner_words(findings, winner, warnings)


def _missing_sentences(findings: Findings) -> tuple[str, ...]:
    """Say which data each variant lacks: first of the minimum for any verdict, then of the planned sample."""
    test = findings.test
    if len(test.variants) < _MIN_VARIANTS:
        return ("There is nothing to compare yet: a test needs a control and at least one variant.",)
    sentences = []
    for variant in (variant for variant in test.variants if not variant.is_enough):
        impressions, successes = MIN_IMPRESSIONS - variant.impressions, MIN_SUCCESSES - variant.successes
        lacking = [count_with_noun(impressions, "more impression")] if impressions > 0 else []
        lacking += [count_with_noun(successes, "more conversion")] if successes > 0 else []
        sentences.append(f"{variant.name} needs {join_names(lacking)} before anything can be said.")
    if sentences:
        return tuple(sentences)
    planned = test.planned_sample
    if planned is None:
        return ("This test has no minimum sample size, so nobody can say when it is done.",)
    return tuple(
        f"{variant.name} has {variant.impressions:,} of {planned:,} planned impressions."
        for variant in test.variants
        if variant.impressions < planned
    )


def _so_far(findings: Findings) -> tuple[str, ...]:
    """Say what the always-valid interval already shows, where there is enough data to say anything."""
    variants = findings.test.variants
    if len(variants) < _MIN_VARIANTS or not all(variant.is_enough for variant in variants):
        return ()
    apart = [comparison.variant.name for comparison in findings.comparisons if comparison.significant]
    if not apart:
        return ("So far no difference holds up to being looked at every day.",)
    return (f"The always-valid interval already sets {join_names(apart)} apart from the control. {_NOT_YET}",)


def _waiting_step(findings: Findings) -> str:
    test = findings.test
    if len(test.variants) < _MIN_VARIANTS:
        return "Add the missing variants."
    if test.planned_sample is None:
        return "Set the minimum sample size on the test."
    if test.reached_planned_sample:
        return "Keep the test running: the planned impressions are there, the conversions are not."
    if test.days_left is None:
        return "Keep the test running until the planned sample is reached."
    return f"Keep the test running: about {count_with_noun(test.days_left, 'day')} left at the pace so far."


def _ratio_mismatch(findings: Findings, warnings: tuple[str, ...]) -> Words:
    ratio = findings.ratio
    if ratio.p is None:
        split = findings.test.traffic_split
        sentence = f"The planned traffic split {split} is no share between 0 and 1, so the traffic can't be checked."
        return Words("Traffic split unusable", (sentence,), warnings, "Correct the traffic split on the test.")
    got = join_names([f"{variant.impressions:,}" for variant in findings.test.variants])
    planned = join_names([f"{round(expected):,}" for expected in ratio.expected])
    sentence = (
        f"The variants got {got} impressions where the plan expects {planned}; chance alone would do this with "
        f"p {format_p_value(ratio.p)}. Something hands them out unevenly, so their rates can't be compared."
    )
    step = "Find out why the traffic is split unevenly, mend it and start the test anew."
    return Words("Sample ratio mismatch", (sentence,), warnings, step)


def _no_winner(findings: Findings, warnings: tuple[str, ...]) -> Words:
    apart = [comparison.variant.name for comparison in findings.comparisons if comparison.significant]
    headline = "No winner yet" if apart else "No difference found"
    sentences = [_comparison_sentence(comparison) for comparison in findings.comparisons]
    step = "Complete the test without a winner, or plan a larger sample."
    leaders = findings.leaders
    # A tie: several variants lead with one rate, the control not among them, and each of them passes.
    is_tie = len(leaders) > 1 and all(
        place and comparison.significant for place in leaders for comparison in findings.decisive_comparisons(place)
    )
    if is_tie:
        names = join_names([findings.test.variants[place].name for place in leaders])
        rate = findings.variants[leaders[0]].rate or 0.0
        sentences.append(f"{names} each beat the control, with the same rate of {rate:.2%}: they can't be told apart.")
        step = "Complete the test without a winner and use any of them, or plan a larger sample."
    elif apart:
        leader = findings.test.variants[findings.leader or 0].name
        verb = "differs" if len(apart) == 1 else "differ"
        sentences.append(
            f"{join_names(apart)} {verb} from the control, yet {leader}, which leads, can't be told apart."
        )
    sentences.append("That is no proof that they are the same: the intervals show which lifts remain possible.")
    return Words(headline, tuple(sentences), warnings, step)


def _winner_words(findings: Findings, winner: int, warnings: tuple[str, ...]) -> Words:
    finding = findings.variants[winner]
    headline = f"{finding.counts.name} wins, for a person to confirm"
    sentences = [_comparison_sentence(comparison) for comparison in findings.decisive_comparisons(winner)]
    if finding.standing:
        sentences.append(
            f"{finding.counts.name} is the best with a chance of {format_chance(finding.standing.chance_to_be_best)}; "
            f"choosing it gives up {finding.standing.expected_loss * 100:.4f} percentage points on average."
        )
    step = "Read the warnings, then confirm the winner; nothing is stored before."
    return Words(headline, (*sentences, *_rival_sentence(findings, winner)), warnings, step)


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
