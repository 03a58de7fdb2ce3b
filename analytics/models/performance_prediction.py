"""Performance predictions: a post's predicted engagement rate and requests, the actual ones, and the accuracy."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F

from analytics.querysets.predictions import PredictionQuerySet
from synapse.foundation.schema import CurrentTimestamp, PostgresIndex


class PerformancePrediction(models.Model):
    """One prediction for one post; the actual figures stay null until it is validated."""

    prediction_id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    post_id = models.TextField("post")

    predicted_engagement_rate = models.DecimalField(max_digits=5, decimal_places=4)
    predicted_consultation_requests = models.IntegerField()
    confidence_lower = models.DecimalField(max_digits=5, decimal_places=4)
    confidence_upper = models.DecimalField(max_digits=5, decimal_places=4)

    key_factors = models.JSONField()
    recommendations = models.JSONField()

    actual_engagement_rate = models.DecimalField(null=True, blank=True, max_digits=5, decimal_places=4)
    actual_consultation_requests = models.IntegerField(null=True, blank=True)
    prediction_accuracy = models.DecimalField(null=True, blank=True, max_digits=5, decimal_places=4)

    created_at = models.DateTimeField(null=True, blank=True, db_default=CurrentTimestamp())
    validated_at = models.DateTimeField(null=True, blank=True)

    objects = PredictionQuerySet.as_manager()

    class Meta:
        db_table = "performance_predictions"
        indexes = [
            PostgresIndex(
                F("post_id"), F("prediction_accuracy").desc(nulls_last=True), name="idx_predictions_post_accuracy"
            ),
        ]

    def __str__(self) -> str:
        """Return the post the prediction is about."""
        return f"prediction for {self.post_id}"
