"""Content analysis: the hook, topic, call to action and scores of a post's text."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q

from synapse.foundation.schema import CurrentTimestamp, PostgresIndex


def _score_range_check(column: str) -> models.CheckConstraint:
    """Return the check constraint that a score, where there is one, lies from 1 to 5."""
    return models.CheckConstraint(condition=Q(**{f"{column}__range": (1, 5)}), name=f"content_analysis_{column}_check")


class ContentAnalysis(models.Model):
    """One analysis of one post; `post_id` is the post's external key in the business core, so no foreign key."""

    analysis_id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    post_id = models.TextField("post")

    word_count = models.IntegerField()
    emoji_count = models.IntegerField(null=True, blank=True, db_default=0)
    hashtag_count = models.IntegerField(null=True, blank=True, db_default=0)
    question_count = models.IntegerField(null=True, blank=True, db_default=0)
    data_points = models.IntegerField(null=True, blank=True, db_default=0)

    hook_type = models.TextField()
    cta_type = models.TextField("CTA type")
    topic_category = models.TextField()

    technical_depth = models.IntegerField(null=True, blank=True)
    business_focus = models.IntegerField(null=True, blank=True)
    controversy_score = models.IntegerField(null=True, blank=True)

    personal_story = models.BooleanField(null=True, blank=True, db_default=False)
    code_snippets = models.BooleanField(null=True, blank=True, db_default=False)

    data_source = models.TextField()
    analyzed_at = models.DateTimeField(null=True, blank=True, db_default=CurrentTimestamp())
    created_at = models.DateTimeField(null=True, blank=True, db_default=CurrentTimestamp())

    class Meta:
        db_table = "content_analysis"
        verbose_name_plural = "content analyses"
        constraints = [
            _score_range_check("technical_depth"),
            _score_range_check("business_focus"),
            _score_range_check("controversy_score"),
        ]
        indexes = [
            PostgresIndex(fields=["post_id"], name="idx_content_analysis_post_id"),
            PostgresIndex(fields=["hook_type", "topic_category"], name="idx_content_analysis_hook_topic"),
            PostgresIndex(
                fields=["technical_depth", "business_focus", "controversy_score"], name="idx_content_analysis_scoring"
            ),
        ]

    def __str__(self) -> str:
        """Return the analysed post."""
        return f"analysis of {self.post_id}"
