"""The way to the calculator with a test's own numbers.

views.py says who may follow it.
"""

from typing import Final
from urllib.parse import urlencode

from django.urls import reverse

from revenue.calculator.form import MAX_IMPRESSIONS, MAX_VARIANTS, MIN_VARIANTS, EffectKind
from revenue.statistics.counts import TestCounts

# Rates from here on have no room for the usual lift of 50 %.
_HIGH_RATE: Final = 60.0
_LOWEST_RATE, _HIGHEST_RATE = 0.001, 99.99


def calculator_link(test: TestCounts) -> str:
    """Return the calculator's address with what the test knows; the rest is as usual there."""
    variants = min(MAX_VARIANTS, max(MIN_VARIANTS, len(test.variants)))
    query = {
        "variants": str(variants),
        "alpha": _plain_number(test.alpha * 100),
        **_rate_query(test),
    }
    impressions, days, planned = sum(v.impressions for v in test.variants), test.days_running, test.planned_sample
    if days is not None and days > 0 and 0 < round(impressions / days, 2) <= MAX_IMPRESSIONS:
        query["daily_impressions"] = f"{impressions / days:.2f}"
    if planned is not None and planned <= MAX_IMPRESSIONS:
        query["impressions"] = str(planned)
    return f"{reverse('ab-calculator')}?{urlencode(query)}"


def _rate_query(test: TestCounts) -> dict[str, str]:
    rate = (test.control.rate or 0.0) * 100 if test.variants else 0.0
    if not _LOWEST_RATE <= rate <= _HIGHEST_RATE:
        return {}
    if rate < _HIGH_RATE:
        return {"base_rate": _plain_number(rate)}
    # The usual lift of 50 % would lead beyond 100 %: ask for half of what is left instead.
    halfway = _plain_number((100 - rate) / 2)
    return {"base_rate": _plain_number(rate), "effect": halfway, "effect_kind": EffectKind.ABSOLUTE.value}


def _plain_number(number: float) -> str:
    return f"{number:.4f}".rstrip("0").rstrip(".")
