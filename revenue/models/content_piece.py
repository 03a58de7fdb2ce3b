"""Content pieces: original texts, before they are adapted to platforms."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models

from synapse.foundation.schema import CurrentTimestamp
from synapse.foundation.text.visible import visible


class ContentPiece(models.Model):
    """One original text."""

    content_id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    original_content = models.TextField()
    business_objective = models.TextField(null=True, blank=True)
    target_audience = models.TextField(null=True, blank=True)

    created_at = models.DateTimeField(null=True, blank=True, db_default=CurrentTimestamp())
    updated_at = models.DateTimeField(null=True, blank=True, db_default=CurrentTimestamp())

    class Meta:
        db_table = "content_pieces"

    def __str__(self) -> str:
        """Return the beginning of the text."""
        return visible(self.original_content[:80])
