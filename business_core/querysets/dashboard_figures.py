"""Counting and summing inquiries for pages of numbers.

What lives here: questions to the tables. What does not: bars, links and words (business_core.dashboard).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.db.models import Count, F, QuerySet, Sum

from business_core.local_time import local_month

if TYPE_CHECKING:
    from business_core.models import ConsultationInquiry

_TALLY: Final[dict[str, Any]] = {"rows": Count("*"), "money": Sum("estimated_value")}


@dataclass(frozen=True, slots=True)
class Tally:
    """How many inquiries, and what they are worth together: nought for no inquiries, None where none has a value."""

    rows: int
    money: Decimal | None


@dataclass(frozen=True, slots=True)
class MonthTally:
    """The inquiries of a month of the local clock; `month` is its first day, None for those without a date."""

    month: date | None
    tally: Tally


@dataclass(frozen=True, slots=True)
class PostTally:
    """The inquiries a post brought; `post_id` is None for those that no post brought."""

    post_id: Any
    content: str
    external_post_id: str
    tally: Tally


def tally_inquiries(inquiries: "QuerySet[ConsultationInquiry]") -> Tally:
    """Return what the inquiries come to."""
    return _tally_from(inquiries.order_by().aggregate(**_TALLY))


def tallies_by_month(inquiries: "QuerySet[ConsultationInquiry]") -> list[MonthTally]:
    """Return the months that have inquiries, the latest first, those without a date last."""
    by_month: Any = inquiries.order_by().annotate(month=local_month("created_at")).values("month").annotate(**_TALLY)
    lines = by_month.order_by(F("month").desc(nulls_last=True))
    return [MonthTally(line["month"].date() if line["month"] else None, _tally_from(line)) for line in lines]


def tallies_by_post(inquiries: "QuerySet[ConsultationInquiry]", *, most: int) -> list[PostTally]:
    """Return the posts whose inquiries are worth most, at most so many, and what no post brought among them."""
    by_post: Any = inquiries.order_by().values("source_post").annotate(**_TALLY)
    lines = list(by_post.order_by(F("money").desc(nulls_last=True), "-rows", "source_post")[:most])
    # A second query, so that the texts of the few posts shown are read and not those of all grouped by.
    keys = [line["source_post"] for line in lines]
    posts = apps.get_model("business_core", "Post").objects.filter(pk__in=keys)
    words = {key: (content, name) for key, content, name in posts.values_list("pk", "content", "external_post_id")}
    return [
        PostTally(line["source_post"], *words.get(line["source_post"], ("", "")), _tally_from(line)) for line in lines
    ]


def _tally_from(line: Mapping[str, Any]) -> Tally:
    return Tally(line["rows"], line["money"] if line["rows"] else Decimal(0))
