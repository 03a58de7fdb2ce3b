"""Content patterns (a kind of hook, a topic …) with the engagement and conversion of the posts that have them."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models

from synapse.foundation.schema import CurrentTimestamp, PostgresIndex


class ContentPattern(models.Model):
    """One value of one kind of pattern, with how well posts of that pattern did."""

    pattern_id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    pattern_type = models.TextField()
    pattern_value = models.TextField()

    avg_engagement_rate = models.DecimalField(max_digits=5, decimal_places=4)
    avg_consultation_conversion = models.DecimalField(max_digits=5, decimal_places=4)
    sample_size = models.IntegerField()
    confidence_score = models.DecimalField(max_digits=5, decimal_places=4)

    recommendation = models.TextField(null=True, blank=True)

    identified_at = models.DateTimeField(null=True, blank=True, db_default=CurrentTimestamp())
    updated_at = models.DateTimeField(null=True, blank=True, db_default=CurrentTimestamp())

    class Meta:
        db_table = "content_patterns"
        constraints = [
            models.UniqueConstraint(
                fields=["pattern_type", "pattern_value"], name="content_patterns_pattern_type_pattern_value_key"
            ),
        ]
        indexes = [
            PostgresIndex(fields=["pattern_type", "-confidence_score"], name="idx_patterns_type_confidence"),
            PostgresIndex(fields=["-avg_engagement_rate"], name="idx_patterns_engagement_desc"),
        ]

    def __str__(self) -> str:
        """Return the pattern."""
        return f"{self.pattern_type}: {self.pattern_value}"
