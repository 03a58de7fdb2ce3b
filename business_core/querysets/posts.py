"""Reading posts with what they brought.

What lives here: questions to the table. What does not: changing rows, words on pages (admin).
"""

from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db.models import BigIntegerField, Count, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Cast, Coalesce

if TYPE_CHECKING:
    from business_core.models import Post  # noqa: F401  # named in a string below


class PostQuerySet(QuerySet["Post"]):
    """Posts, with the questions a working day asks."""

    def with_engagement(self) -> Self:
        """Annotate `engagement`: likes, comments, shares and saves together; a missing number counts as none."""
        # Cast before adding: four counts of a column's type may be more than that type holds.
        counted = [Coalesce(Cast(name, BigIntegerField()), 0) for name in ("likes", "comments", "shares", "saves")]
        return self.annotate(engagement=counted[0] + counted[1] + counted[2] + counted[3])

    def with_inquiries(self) -> Self:
        """Annotate `inquiry_count` and `inquiry_value` (None where none has a value) of the inquiries a post brought.

        Subqueries on the index of source posts: a join would group all posts before the first page is cut off.
        """
        inquiries = apps.get_model("business_core", "ConsultationInquiry").objects.filter(source_post=OuterRef("pk"))
        grouped = inquiries.order_by().values("source_post")
        return self.annotate(
            inquiry_count=Coalesce(Subquery(grouped.annotate(n=Count("pk")).values("n")), 0),
            inquiry_value=Subquery(grouped.annotate(n=Sum("estimated_value")).values("n")),
        )
