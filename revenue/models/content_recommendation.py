"""Content recommendations: what to write next, for whom, and how pressing it is."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models

from synapse.foundation.schema import CurrentTimestamp, PostgresIndex
from synapse.foundation.text.visible import visible


class ContentRecommendation(models.Model):
    """One recommended topic, with what it is expected to bring."""

    recommendation_id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    recommendation_type = models.TextField()
    content_topic = models.TextField()
    target_audience = models.TextField()

    expected_performance = models.JSONField()
    reasoning = models.TextField()
    priority_score = models.DecimalField(max_digits=5, decimal_places=4)

    created_at = models.DateTimeField(null=True, blank=True, db_default=CurrentTimestamp())

    class Meta:
        db_table = "content_recommendations"
        indexes = [
            PostgresIndex(fields=["-priority_score"], name="idx_recommendations_priority"),
        ]

    def __str__(self) -> str:
        """Return the topic."""
        return visible(self.content_topic)
