"""A/B tests: the plan (minimum sample, confidence threshold) and the decision that a person stored."""

import uuid
from decimal import Decimal

from django.contrib.postgres.functions import RandomUUID
from django.db import models

from synapse.foundation.schema import CurrentTimestamp, PostgresIndex
from synapse.foundation.text.visible import visible


class ABTestStatus(models.TextChoices):
    """The statuses the legacy scripts write; the column takes others too."""

    ACTIVE = "active", "Active"
    COMPLETED = "completed", "Completed"


class TestedElement(models.TextChoices):
    """What the legacy scripts let variants differ in; the column takes other words too."""

    HOOK = "hook", "Hook"
    CTA = "cta", "Call to action"
    TIMING = "timing", "Timing"
    UNKNOWN = "Unknown", "Unknown"


class ABTest(models.Model):
    """One test of one element; `winning_variant` holds a legacy variant's key, not a name.

    `traffic_split` never steered anything and is not read: planned shares are on the variants.
    """

    test_id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    test_name = models.TextField()
    hypothesis = models.TextField()
    element_type = models.TextField()

    start_date = models.DateTimeField()
    end_date = models.DateTimeField(null=True, blank=True)
    status = models.TextField(null=True, blank=True, db_default=ABTestStatus.ACTIVE.value)
    traffic_split = models.DecimalField(
        null=True, blank=True, max_digits=3, decimal_places=2, db_default=Decimal("0.5")
    )

    minimum_sample_size = models.IntegerField(null=True, blank=True, db_default=100)
    confidence_threshold = models.DecimalField(
        null=True, blank=True, max_digits=3, decimal_places=2, db_default=Decimal("0.95")
    )

    winning_variant = models.TextField(null=True, blank=True)
    improvement_rate = models.DecimalField(
        null=True, blank=True, max_digits=5, decimal_places=4, db_default=Decimal("0.0")
    )
    statistical_significance = models.DecimalField(
        null=True, blank=True, max_digits=5, decimal_places=4, db_default=Decimal("0.0")
    )

    created_at = models.DateTimeField(null=True, blank=True, db_default=CurrentTimestamp())

    class Meta:
        db_table = "ab_tests"
        verbose_name = "A/B test"
        indexes = [
            PostgresIndex(fields=["status", "-start_date"], name="idx_tests_status_dates"),
        ]

    def __str__(self) -> str:
        """Return the test's name, as it can be shown."""
        return visible(self.test_name)
