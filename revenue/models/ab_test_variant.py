"""The variants of an A/B test, with what was counted of each; the rates stored beside are truncated and never read."""

import uuid
from decimal import Decimal

from django.contrib.postgres.functions import RandomUUID
from django.db import models

from revenue.models.ab_test import ABTest
from synapse.foundation.schema import CurrentTimestamp, PostgresIndex
from synapse.foundation.text.visible import visible


class ExpectedMetric(models.TextChoices):
    """What the legacy scripts expect a variant to bring, and so what counts as its success; the column takes others."""

    CONSULTATION_REQUESTS = "consultation_requests", "Consultation requests"
    ENGAGEMENT_RATE = "engagement_rate", "Engagement actions"


class ABTestVariant(models.Model):
    """One variant; its stored rates come truncated from the legacy scripts, so compute rates from the counts."""

    variant_id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    # The constraint, with ON DELETE CASCADE, is in sql/0001_foreign_keys.sql: Django can't make one.
    test = models.ForeignKey(
        ABTest,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="variants",
    )
    variant_name = models.TextField()
    element_type = models.TextField()
    content = models.TextField()
    expected_metric = models.TextField()

    impressions = models.IntegerField(null=True, blank=True, db_default=0)
    engagement_actions = models.IntegerField(null=True, blank=True, db_default=0)
    consultation_requests = models.IntegerField(null=True, blank=True, db_default=0)
    engagement_rate = models.DecimalField(
        null=True, blank=True, max_digits=5, decimal_places=4, db_default=Decimal("0.0")
    )
    consultation_conversion = models.DecimalField(
        null=True, blank=True, max_digits=5, decimal_places=4, db_default=Decimal("0.0")
    )
    sample_size = models.IntegerField(null=True, blank=True, db_default=0)
    confidence_level = models.DecimalField(
        null=True, blank=True, max_digits=5, decimal_places=4, db_default=Decimal("0.0")
    )

    is_winner = models.BooleanField(null=True, blank=True, db_default=False)

    created_at = models.DateTimeField(null=True, blank=True, db_default=CurrentTimestamp())

    # Ours: variants made on one page share their moment of creation, and the first of a test is its control.
    position = models.SmallIntegerField("order", null=True, blank=True)
    # Ours: all variants of a test have one or none has, and then their shares are equal (ab_testing.rules).
    planned_share_percent = models.DecimalField(
        "planned share, %", null=True, blank=True, max_digits=5, decimal_places=2
    )

    class Meta:
        db_table = "test_variants"
        verbose_name = "variant"
        constraints = [
            models.UniqueConstraint(fields=["test", "variant_name"], name="test_variants_test_id_variant_name_key"),
            models.CheckConstraint(
                name="test_variants_planned_share_percent_check",
                condition=models.Q(planned_share_percent__range=(Decimal("0.01"), Decimal(100))),
            ),
        ]
        indexes = [
            PostgresIndex(fields=["test", "-consultation_conversion"], name="idx_variants_test_performance"),
        ]

    def __str__(self) -> str:
        """Return the variant's name, as it can be shown."""
        return visible(self.variant_name)
