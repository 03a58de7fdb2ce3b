"""Attribution: touchpoints between a person and a piece of content, each with the value attributed to it."""

import uuid
from decimal import Decimal

from django.contrib.postgres.functions import RandomUUID
from django.db import models

from analytics.querysets.touchpoints import TouchpointQuerySet
from synapse.foundation.schema import CurrentTimestamp, PostgresIndex


class AttributionTracking(models.Model):
    """One touch: somebody met a piece of content on a platform."""

    tracking_id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    content_id = models.TextField("content")
    platform = models.TextField()
    touchpoint = models.TextField()

    user_id = models.TextField("user", null=True, blank=True)
    session_id = models.TextField("session", null=True, blank=True)

    value = models.DecimalField(null=True, blank=True, max_digits=10, decimal_places=2, db_default=Decimal("0.0"))
    metadata = models.JSONField(null=True, blank=True)

    processed = models.BooleanField(null=True, blank=True, db_default=False)

    timestamp = models.DateTimeField(null=True, blank=True, db_default=CurrentTimestamp())

    objects = TouchpointQuerySet.as_manager()

    class Meta:
        db_table = "attribution_tracking"
        verbose_name = "attribution touchpoint"
        indexes = [
            PostgresIndex(fields=["content_id", "platform"], name="idx_attribution_content_platform"),
        ]

    def __str__(self) -> str:
        """Return the touch."""
        return f"{self.touchpoint} of {self.content_id} on {self.platform}"
