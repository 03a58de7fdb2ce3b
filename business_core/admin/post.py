"""The page of posts."""

from typing import ClassVar

from django.contrib import admin

from business_core.models import Platform, Post
from synapse.admin_base import TableAdmin, known_values_filter


@admin.register(Post)
class PostAdmin(TableAdmin[Post]):
    """Posts, newest first."""

    list_display = ["external_post_id", "platform", "posted_at", "impressions", "consultation_requests", "data_source"]
    list_filter = [known_values_filter("platform", Platform)]
    search_fields = ["external_post_id", "content"]
    ordering = ["-posted_at"]
    readonly_fields = ["created_at", "updated_at"]
    long_texts = ["content"]
    known_values: ClassVar = {"platform": Platform}
