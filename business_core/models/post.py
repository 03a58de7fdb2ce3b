"""Posts of every platform, with the counts that the platform reported."""

import uuid
from decimal import Decimal

from django.contrib.postgres.functions import RandomUUID
from django.db import models

from business_core.querysets.posts import PostQuerySet
from synapse.foundation.schema import CurrentTimestamp, PostgresIndex


class Platform(models.TextChoices):
    """The platforms known today; the column takes others too, for the legacy files do."""

    LINKEDIN = "linkedin", "LinkedIn"
    TWITTER = "twitter", "Twitter"
    UNKNOWN = "Unknown", "Unknown"


class Post(models.Model):
    """One published post, found again in its legacy file by `external_post_id`."""

    # RandomUUID alone breaks admin inlines and bulk_create; the database keeps its own default for raw SQL.
    post_id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    external_post_id = models.TextField()
    content = models.TextField()
    posted_at = models.DateTimeField()
    platform = models.TextField(db_default=Platform.LINKEDIN.value)

    week_theme = models.TextField(null=True, blank=True)
    day_of_week = models.TextField(null=True, blank=True)
    business_objective = models.TextField(null=True, blank=True)
    target_audience = models.TextField(null=True, blank=True)
    target_consultation_type = models.TextField(null=True, blank=True)

    views = models.IntegerField(null=True, blank=True, db_default=0)
    impressions = models.IntegerField(null=True, blank=True, db_default=0)
    likes = models.IntegerField(null=True, blank=True, db_default=0)
    comments = models.IntegerField(null=True, blank=True, db_default=0)
    shares = models.IntegerField(null=True, blank=True, db_default=0)
    saves = models.IntegerField(null=True, blank=True, db_default=0)
    clicks = models.IntegerField(null=True, blank=True, db_default=0)

    profile_views = models.IntegerField(null=True, blank=True, db_default=0)
    connection_requests = models.IntegerField(null=True, blank=True, db_default=0)
    dm_inquiries = models.IntegerField("DM inquiries", null=True, blank=True, db_default=0)
    consultation_requests = models.IntegerField(null=True, blank=True, db_default=0)

    actual_engagement_rate = models.DecimalField(
        null=True, blank=True, max_digits=5, decimal_places=4, db_default=Decimal("0.0")
    )
    business_conversion_rate = models.DecimalField(
        null=True, blank=True, max_digits=5, decimal_places=4, db_default=Decimal("0.0")
    )
    roi_score = models.DecimalField(
        "ROI score", null=True, blank=True, max_digits=8, decimal_places=2, db_default=Decimal("0.0")
    )

    data_source = models.TextField()
    created_at = models.DateTimeField(null=True, blank=True, db_default=CurrentTimestamp())
    updated_at = models.DateTimeField(null=True, blank=True, db_default=CurrentTimestamp())

    objects = PostQuerySet.as_manager()

    class Meta:
        db_table = "posts"
        constraints = [
            models.UniqueConstraint(fields=["external_post_id"], name="posts_external_post_id_key"),
        ]
        indexes = [
            PostgresIndex(fields=["-posted_at"], name="idx_posts_posted_at_desc"),
            PostgresIndex(fields=["platform", "-posted_at"], name="idx_posts_platform_posted_at"),
            PostgresIndex(fields=["business_objective"], name="idx_posts_business_objective"),
        ]

    def __str__(self) -> str:
        """Return the platform and the post's legacy key."""
        return f"{self.platform} {self.external_post_id}"
