"""A judged test's facts in a few words, for lists and the result page.

Plain text, for a template to escape; the verdict and its words are outcome.py's.
"""

from typing import Final

from revenue.ab_testing.judged import JudgedTest
from revenue.statistics.findings import HOPED_FOR, Findings
from synapse.foundation.text.visible import visible

_MAX_NAMES: Final = 4


def format_running_time(judged: JudgedTest) -> str:
    """Return how long the test has run, in days."""
    if not judged.has_started:
        return "not started"
    days = int(judged.days_running)
    return "under a day" if not days else f"{days:,} day{'' if days == 1 else 's'}"


def join_variant_names(judged: JudgedTest) -> str:
    """Return the names of the first variants, the control before all."""
    names = [visible(variant.variant_name) for variant in judged.variants]
    more = f" and {len(names) - _MAX_NAMES} more" if len(names) > _MAX_NAMES else ""
    return (" · ".join(names[:_MAX_NAMES]) + more) or "none yet: add at least two"


def describe_power(findings: Findings) -> str:
    """Return what the planned sample can find."""
    plan = findings.plan
    if plan is None:
        return "No minimum sample size is set on the test, so there is no plan whose power could be told."
    hoped = f"{HOPED_FOR.base:.0%} → {HOPED_FOR.target:.0%}"
    found = (
        "" if plan.detectable is None else f" The smallest lift it finds four times in five is {plan.detectable:+.0%}."
    )
    return (
        f"minimum_sample_size {plan.planned_sample:,} has {plan.chance:.0%} power for {hoped}; "
        f"80% power takes {plan.needed:,} impressions a variant.{found}"
    )
