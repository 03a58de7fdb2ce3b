"""Revenue opportunities: leads by customer segment, with scores and potential."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models

from synapse.foundation.schema import CurrentTimestamp, PostgresIndex
from synapse.foundation.text.visible import visible


class OpportunityStatus(models.TextChoices):
    """The statuses the legacy scripts write; the column takes others too."""

    ACTIVE = "active", "Active"


class RevenueOpportunity(models.Model):
    """One scored lead."""

    opportunity_id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    lead_source = models.TextField()
    customer_segment = models.TextField()

    revenue_potential = models.DecimalField(max_digits=10, decimal_places=2)
    confidence_score = models.DecimalField(max_digits=5, decimal_places=4)
    qualification_score = models.IntegerField()

    engagement_history = models.JSONField(null=True, blank=True)

    recommended_offering = models.TextField(null=True, blank=True)
    next_action = models.TextField(null=True, blank=True)

    status = models.TextField(null=True, blank=True, db_default=OpportunityStatus.ACTIVE.value)

    created_at = models.DateTimeField(null=True, blank=True, db_default=CurrentTimestamp())
    updated_at = models.DateTimeField(null=True, blank=True, db_default=CurrentTimestamp())

    class Meta:
        db_table = "revenue_opportunities"
        verbose_name_plural = "revenue opportunities"
        indexes = [
            PostgresIndex(fields=["customer_segment", "-revenue_potential"], name="idx_opportunities_segment_revenue"),
            PostgresIndex(fields=["status", "-created_at"], name="idx_opportunities_status_created"),
        ]

    def __str__(self) -> str:
        """Return the segment and where the lead came from."""
        return visible(f"{self.customer_segment} via {self.lead_source}")
