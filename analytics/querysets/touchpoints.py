"""Reading touchpoints: by platform and kind, and the pieces of content that people met on several platforms.

Reads only; called by the list of touchpoints and by the section Attribution of the dashboard.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Case, Count, IntegerField, QuerySet, Sum, Value, When

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analytics.models import AttributionTracking  # noqa: F401  # named in a string below

    # The kit imports the admin, which a model's module may not.
    from synapse.kit.dashboard.grouping import Group


@dataclass(frozen=True, slots=True)
class MetPiece:
    """A piece of content, where it was met, how often, and what that was worth (None where no touch has a value)."""

    content_id: str
    platforms: tuple[str, ...]
    touches: int
    value: Decimal | None


class TouchpointQuerySet(QuerySet["AttributionTracking"]):
    """Touchpoints, with the questions of who wants to know which platform brings people."""

    def of_pieces_on_several_platforms(self) -> Self:
        """Keep the touches of content that was ever met on two platforms or more."""
        pieces = self.model._default_manager.values("content_id")  # noqa: SLF001  # public in all but name
        several = pieces.annotate(platforms=Count("platform", distinct=True)).filter(platforms__gte=2)
        return self.filter(content_id__in=several.values("content_id"))

    def most_valuable_pieces(self, most: int) -> list[MetPiece]:
        """Return the pieces of content, those worth most first, then those met most often."""
        wanted: dict[str, Any] = {
            "platforms": ArrayAgg("platform", distinct=True, order_by="platform"),
            "touches": Count("pk"),
            "worth": Sum("value"),
        }
        found: QuerySet[Any, Any] = self.order_by().values("content_id").annotate(**wanted)
        # PostgreSQL sorts NULL first where it sorts downwards: the leading key puts pieces without a value last.
        ordered = found.order_by(Case(When(worth=None, then=1), default=0), "-worth", "-touches", "content_id")
        return [
            MetPiece(line["content_id"], tuple(line["platforms"]), line["touches"], line["worth"])
            for line in ordered[:most]
        ]

    def count_cross_table(self, rows: "Sequence[Group]", columns: "Sequence[Group]") -> dict[tuple[int, int], int]:
        """Return the cross table of touches: how many are in both a row's and a column's group, by their positions.

        One query, by CASE expressions that number the groups.
        """
        crossing = (
            self.order_by()
            .annotate(row=_group_position_case(rows), column=_group_position_case(columns))
            .values("row", "column")
        )
        return {(line["row"], line["column"]): line["touches"] for line in crossing.annotate(touches=Count("pk"))}


def _group_position_case(groups: "Sequence[Group]") -> Case:
    """Return the CASE expression that numbers the groups from 0."""
    cases = [When(**group.lookups, then=Value(position)) for position, group in enumerate(groups)]
    return Case(*cases, output_field=IntegerField())
