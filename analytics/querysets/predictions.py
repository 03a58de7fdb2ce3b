"""Reading predictions against the actual figures: how far off they were, and how often within their own bounds.

Reads only; called by the list of predictions and by the dashboard. services.predictions writes.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Self

from django.db.models import Avg, Count, F, Q, QuerySet, Sum
from django.db.models.functions import Abs

if TYPE_CHECKING:
    from analytics.models import PerformancePrediction

WITH_ACTUAL: Final = {"actual_engagement_rate__isnull": False}
WITHOUT_ACTUAL: Final = {"actual_engagement_rate__isnull": True}


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """How predictions fared; the figures of the actuals are of the predictions that have an actual engagement rate.

    `mean_miss` is the mean of |actual - predicted| engagement rate, `within_bounds` the share whose actual rate lies
    within the predicted bounds, `mean_accuracy` the mean of the accuracy the table has stored. None where no row has
    what it takes.
    """

    predictions: int
    with_actual: int
    mean_miss: Decimal | None
    within_bounds: Decimal | None
    mean_accuracy: Decimal | None
    predicted_requests: int | None
    actual_requests: int | None


class PredictionQuerySet(QuerySet["PerformancePrediction"]):
    """Predictions, with the questions of who wants to know whether to trust them."""

    def with_prediction_error(self) -> Self:
        """Annotate `prediction_error`: actual less predicted engagement rate, None without an actual one."""
        return self.annotate(prediction_error=F("actual_engagement_rate") - F("predicted_engagement_rate"))

    def latest_predictions(self, most: int) -> list["PerformancePrediction"]:
        """Return the newest predictions, at most so many."""
        return list(self.order_by(F("created_at").desc(nulls_last=True), "pk")[:most])

    def track_record(self) -> TrackRecord:
        """Return how the predictions fared, in one query."""
        known = Q(**WITH_ACTUAL)
        within = Q(actual_engagement_rate__gte=F("confidence_lower"), actual_engagement_rate__lte=F("confidence_upper"))
        found = self.order_by().aggregate(
            predictions=Count("pk"),
            with_actual=Count("pk", filter=known),
            mean_miss=Avg(Abs(F("actual_engagement_rate") - F("predicted_engagement_rate"))),
            within=Count("pk", filter=within),
            mean_accuracy=Avg("prediction_accuracy", filter=known),
            predicted_requests=Sum("predicted_consultation_requests", filter=known),
            actual_requests=Sum("actual_consultation_requests", filter=known),
        )
        within_bounds = found.pop("within")
        share = Decimal(within_bounds) / found["with_actual"] if found["with_actual"] else None
        return TrackRecord(**found, within_bounds=share)
