"""A variant's rate in words, from its counts; the stored rates are truncated and never read.

The intervals of a rate and the tests of two are in revenue.statistics.
"""

from revenue.ab_testing.metric import Metric
from revenue.models import ABTestVariant
from revenue.statistics.counts import VariantCounts
from synapse.foundation.text.visible import visible


def variant_counts(variant: ABTestVariant, metric: Metric) -> VariantCounts:
    """Return what was counted for the variant; a count that was never written is nought. The name can be shown."""
    return VariantCounts(visible(variant.variant_name), variant.impressions or 0, metric.count_successes(variant))


def format_variant_rate(variant: ABTestVariant, metric: Metric) -> str:
    """Return successes per impression, in percent and as what it is made of."""
    if variant._state.adding:
        return "computed once saved"
    counts = variant_counts(variant, metric)
    made_of = f"{counts.successes:,} of {counts.impressions:,}"
    if not counts.has_valid_rate:
        return f"not a rate: {made_of}"
    return "nothing shown yet" if counts.rate is None else f"{counts.rate:.2%} ({made_of})"
