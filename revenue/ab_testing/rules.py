"""Validation of a test's and a variant's columns, in sentences, for the forms and for imported tables alike.

A rule checks a column only where a person changes it: legacy values that break it stay as they came.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone

from revenue.statistics.phrases import count_with_noun, format_percent_number
from revenue.statistics.sample_ratio import WHOLE_PERCENT

SHARE: Final = "planned_share_percent"
_MIN_CONFIDENCE: Final = Decimal("0.5")
_ACTIONS: Final = {"engagement_actions": "engagement action", "consultation_requests": "consultation request"}
_COUNTED: Final = ("impressions", *_ACTIONS)


def rules_broken_by_test(values: Mapping[str, Any], changed: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield a column and a sentence for each rule that a test breaks: confidence, sample, an end after the start."""
    typed = {name: values.get(name) for name in changed}
    confidence = typed.get("confidence_threshold")
    if confidence is not None and not _MIN_CONFIDENCE <= confidence < 1:
        yield "confidence_threshold", "The confidence is at least 0.5 and under 1, for example 0.95."
    size = typed.get("minimum_sample_size")
    if size is not None and size < 1:
        yield "minimum_sample_size", "A variant needs at least one impression; leave it empty for no plan."
    start, end = values.get("start_date"), values.get("end_date")
    if start and end and end < start and typed.keys() & {"start_date", "end_date"}:
        moment = timezone.localtime(start)
        yield "end_date", f"The test can't end before it starts, on {moment:%Y-%m-%d %H:%M}."


def rules_broken_by_variant(values: Mapping[str, Any], changed: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield a column and a sentence for each rule that a variant breaks: nobody acts more often than it was shown."""
    typed = set(changed)
    below = [name for name in _COUNTED if name in typed and (values.get(name) or 0) < 0]
    for name in below:
        yield name, "A count is never below nought."
    shown = values.get("impressions") or 0
    for name, words in _ACTIONS.items():
        acted = values.get(name) or 0
        if name in values and acted > shown and {name, "impressions"} & typed:
            made_of = f"{count_with_noun(acted, words)} out of {count_with_noun(shown, 'impression')}"
            yield name, f"{made_of} is not a rate. Correct one of the two."
    share = values.get(SHARE)
    if SHARE in typed and share is not None and not 0 < share < WHOLE_PERCENT:
        yield SHARE, "A planned share is above 0 and under 100%; leave all of them empty for equal shares."


def share_problem(shares: Iterable[Decimal | None]) -> str:
    """Return the sentence for planned shares of one test that are no plan, '' for a plan and for no shares at all."""
    all_shares = list(shares)
    planned = [share for share in all_shares if share is not None]
    if not planned:
        return ""
    if len(planned) < len(all_shares):
        return "Give every variant a planned share, or none of them: without any, all share equally."
    total = sum(planned, Decimal(0))
    if total == WHOLE_PERCENT:
        return ""
    said = f"The planned shares sum to {format_percent_number(total)}; they need to sum to 100%."
    return f"{said} Empty all of them for equal shares."
