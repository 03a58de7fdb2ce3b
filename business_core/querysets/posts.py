"""Reading posts with what they brought.

What lives here: questions to the table. What does not: changing rows, words on pages (admin).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final, Self

from django.apps import apps
from django.db.models import BigIntegerField, Count, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Cast, Coalesce

if TYPE_CHECKING:
    from business_core.models import Post  # noqa: F401  # named in a string below


_SHARE: Final = Decimal("0.0001")
"""A rate's four decimals, as the tables store them."""


@dataclass(frozen=True, slots=True)
class PostResult:
    """What a post brought: engagement per impression, to four decimals, and the consultation requests it counts.

    `engagement_rate` is None as long as the post has no results: nobody has seen it yet, or it is too young.
    """

    engagement_rate: Decimal | None
    consultation_requests: int


class PostQuerySet(QuerySet["Post"]):
    """Posts, with the questions a working day asks."""

    def with_engagement(self) -> Self:
        """Annotate `engagement`: likes, comments, shares and saves together; a missing number counts as none."""
        # Cast before adding: four counts of a column's type may be more than that type holds.
        counted = [Coalesce(Cast(name, BigIntegerField()), 0) for name in ("likes", "comments", "shares", "saves")]
        return self.annotate(engagement=counted[0] + counted[1] + counted[2] + counted[3])

    def with_inquiry_totals(self) -> Self:
        """Annotate `inquiry_count` and `inquiry_value` (None where none has a value) of the inquiries a post brought.

        Subqueries on the index of source posts: a join would group all posts before the first page is cut off.
        """
        inquiries = apps.get_model("business_core", "ConsultationInquiry").objects.filter(source_post=OuterRef("pk"))
        grouped = inquiries.order_by().values("source_post")
        return self.annotate(
            inquiry_count=Coalesce(Subquery(grouped.annotate(n=Count("pk")).values("n")), 0),
            inquiry_value=Subquery(grouped.annotate(n=Sum("estimated_value")).values("n")),
        )

    def results_by_key(self, names: Collection[str], *, posted_before: datetime) -> dict[str, PostResult]:
        """Return what the posts with these external keys brought, by key; one that isn't here is missing.

        From the counts, for the stored actual_engagement_rate is truncated at its source. Posts made later have no
        results yet. An external key is one post's on whichever platform, so nothing else need be compared.
        """
        columns = ("external_post_id", "posted_at", "impressions", "engagement", "consultation_requests")
        found = self.with_engagement().filter(external_post_id__in=names).order_by().values_list(*columns)
        results = {}
        for name, posted_at, impressions, engagement, requests in found:
            is_known = posted_at < posted_before and (impressions or 0) > 0
            rate = (Decimal(engagement) / impressions).quantize(_SHARE, ROUND_HALF_UP) if is_known else None
            results[name] = PostResult(rate, requests or 0)
        return results
