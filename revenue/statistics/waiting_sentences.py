"""What is said of a test that has too little data: how long it takes, what each variant lacks, what to do.

Called by wording.py for COLLECTING and STALLED only: beside a traffic fault none of these words may be shown.
"""

from revenue.statistics.counts import MIN_IMPRESSIONS, MIN_SUCCESSES, TestCounts
from revenue.statistics.findings import Findings
from revenue.statistics.phrases import count_with_noun, join_names
from revenue.statistics.sample_ratio import RatioOutcome


def waiting_headline(findings: Findings) -> str:
    """Return the headline of a test that goes on, with the days it takes where they are known."""
    days = days_to_wait(findings)
    return "Keep running" if days is None else f"Keep running, about {count_with_noun(days, 'day')}"


def stalled_headline(test: TestCounts) -> str:
    """Return the headline of a test that gets no impressions any more."""
    return f"Stalled (no impressions for {count_with_noun(int(test.days_without_impressions or 0), 'day')})"


def days_to_wait(findings: Findings) -> int | None:
    """Return whole days until a winner can be named at the pace so far, None where pace or plan isn't known."""
    days, ratio = findings.test.days_left, findings.ratio
    if days is None or not ratio.missing_count:
        return days
    counted = sum(ratio.observed)
    until_checked = findings.test.days_until(counted + ratio.missing_count, counted)
    return None if until_checked is None else max(days, until_checked)


def missing_data_sentences(findings: Findings) -> tuple[str, ...]:
    """Say which data each variant lacks: first of the minimum for any verdict, then of the planned sample."""
    test = findings.test
    sentences = []
    for variant in (variant for variant in test.variants if not variant.has_minimum_data):
        impressions, successes = MIN_IMPRESSIONS - variant.impressions, MIN_SUCCESSES - variant.successes
        lacking = [count_with_noun(impressions, "more impression")] if impressions > 0 else []
        lacking += [count_with_noun(successes, "more conversion")] if successes > 0 else []
        sentences.append(f"{variant.name} needs {join_names(lacking)} before anything can be said.")
    planned = test.planned_sample or 0
    sentences += [
        f"{variant.name} has {variant.impressions:,} of {planned:,} planned impressions."
        for variant in test.variants
        if variant.impressions < planned
    ]
    if findings.ratio.outcome is RatioOutcome.TOO_FEW:
        sentences.append(_missing_traffic_sentence(findings))
    return tuple(sentences)


def waiting_reason(findings: Findings) -> str:
    """Return the one sentence that says what is missing most."""
    test, planned = findings.test, findings.test.planned_sample
    if planned is None:
        return "No minimum sample size is set, so nobody can say when the test is done."
    fewest = min(test.variants, key=lambda variant: variant.impressions)
    if fewest.impressions < planned:
        return f"{fewest.name} has {fewest.impressions:,} of the {planned:,} planned impressions."
    lacking = min(test.variants, key=lambda variant: variant.successes)
    if lacking.successes < MIN_SUCCESSES:
        conversions = count_with_noun(lacking.successes, "conversion")
        return f"The planned impressions are there, but {lacking.name} has {conversions} of at least {MIN_SUCCESSES}."
    if fewest.impressions < MIN_IMPRESSIONS:
        return f"{fewest.name} has {fewest.impressions:,} of at least {MIN_IMPRESSIONS} impressions."
    return _missing_traffic_sentence(findings)


def waiting_step(findings: Findings) -> str:
    """Return what to do until then."""
    if findings.test.planned_sample is None:
        return "Set the minimum sample size on the test."
    if days_to_wait(findings) is None:
        return "Keep the test running until the planned sample is reached."
    return "Keep the test running; the days follow from its pace so far."


def _missing_traffic_sentence(findings: Findings) -> str:
    ratio = findings.ratio
    counted = sum(ratio.observed)
    return (
        f"The traffic can't be checked yet: it takes {counted + ratio.missing_count:,} {ratio.unit}, and there are "
        f"{counted:,}."
    )
