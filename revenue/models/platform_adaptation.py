"""Platform adaptations: a content piece's text for one platform, and when it is to be posted."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models

from revenue.models.content_piece import ContentPiece
from synapse.foundation.schema import CurrentTimestamp, PostgresIndex
from synapse.foundation.text.visible import visible


class AdaptationStatus(models.TextChoices):
    """The statuses the legacy scripts write; the column takes others too."""

    DRAFT = "draft", "Draft"
    SCHEDULED = "scheduled", "Scheduled"
    POSTED = "posted", "Posted"


class PlatformAdaptation(models.Model):
    """One piece's text for one platform; `post_id` is set once it is posted."""

    adaptation_id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    # The constraint, with ON DELETE CASCADE, is in sql/0001_foreign_keys.sql: Django can't make one.
    content = models.ForeignKey(
        ContentPiece,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="adaptations",
    )
    platform = models.TextField()
    adapted_content = models.TextField()
    scheduled_time = models.DateTimeField(null=True, blank=True)
    post_id = models.TextField("post", null=True, blank=True)
    status = models.TextField(null=True, blank=True, db_default=AdaptationStatus.DRAFT.value)

    created_at = models.DateTimeField(null=True, blank=True, db_default=CurrentTimestamp())

    class Meta:
        db_table = "platform_adaptations"
        indexes = [
            PostgresIndex(fields=["content", "platform"], name="idx_adaptations_content_platform"),
        ]

    def __str__(self) -> str:
        """Return the platform and the status."""
        return visible(f"{self.platform} ({self.status})")
