"""The monthly pipeline: figures per month, summed by a job, brought by a legacy file or typed by a person."""

import uuid
from decimal import Decimal

from django.contrib.postgres.functions import RandomUUID
from django.db import models

from business_core.models.stamped import Stamped
from synapse.foundation.schema import CurrentTimestamp, PostgresIndex


class BusinessPipeline(Stamped):
    """One month's activity and money: summed by a job, stored by a legacy script, or added by a person."""

    pipeline_id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    month = models.TextField()

    total_posts = models.IntegerField(null=True, blank=True, db_default=0)
    total_impressions = models.IntegerField(null=True, blank=True, db_default=0)
    total_engagement = models.IntegerField(null=True, blank=True, db_default=0)

    total_inquiries = models.IntegerField(null=True, blank=True, db_default=0)
    discovery_calls = models.IntegerField(null=True, blank=True, db_default=0)
    proposals_sent = models.IntegerField(null=True, blank=True, db_default=0)
    contracts_won = models.IntegerField(null=True, blank=True, db_default=0)

    revenue_generated = models.DecimalField(
        null=True, blank=True, max_digits=12, decimal_places=2, db_default=Decimal("0.0")
    )
    pipeline_value = models.DecimalField(
        null=True, blank=True, max_digits=12, decimal_places=2, db_default=Decimal("0.0")
    )
    conversion_rate = models.DecimalField(
        null=True, blank=True, max_digits=5, decimal_places=4, db_default=Decimal("0.0")
    )

    created_at = models.DateTimeField(null=True, blank=True, db_default=CurrentTimestamp())
    updated_at = models.DateTimeField(null=True, blank=True, db_default=CurrentTimestamp())

    class Meta:
        db_table = "business_pipeline"
        verbose_name = "pipeline month"
        constraints = [
            models.UniqueConstraint(fields=["month"], name="business_pipeline_month_key"),
        ]
        indexes = [
            PostgresIndex(fields=["month"], name="idx_pipeline_month"),
        ]

    def __str__(self) -> str:
        """Return the month."""
        return self.month
