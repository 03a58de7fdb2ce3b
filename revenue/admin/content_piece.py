"""The pages of content pieces and their adaptations."""

from typing import ClassVar

from django.contrib import admin

from revenue.models import AdaptationStatus, ContentPiece, PlatformAdaptation
from synapse.admin_base import TableAdmin, TableInline, known_values_filter


class PlatformAdaptationInline(TableInline[PlatformAdaptation, ContentPiece]):
    """A piece's adaptations."""

    model = PlatformAdaptation
    fields = ["platform", "adapted_content", "scheduled_time", "post_id", "status"]
    known_values: ClassVar = {"status": AdaptationStatus}


@admin.register(ContentPiece)
class ContentPieceAdmin(TableAdmin[ContentPiece]):
    """Pieces, each with its adaptations; the specification indexes nothing but their key."""

    list_display = ["__str__", "business_objective", "target_audience", "created_at"]
    search_fields = ["original_content", "business_objective"]
    ordering = ["content_id"]
    readonly_fields = ["created_at", "updated_at"]
    long_texts = ["original_content"]
    inlines = [PlatformAdaptationInline]


@admin.register(PlatformAdaptation)
class PlatformAdaptationAdmin(TableAdmin[PlatformAdaptation]):
    """All adaptations, piece by piece."""

    list_display = ["platform", "content", "status", "scheduled_time", "post_id"]
    list_filter = [known_values_filter("status", AdaptationStatus)]
    list_select_related = ["content"]
    search_fields = ["adapted_content", "post_id"]
    ordering = ["content_id", "platform"]
    autocomplete_fields = ["content"]
    readonly_fields = ["created_at"]
    long_texts = ["adapted_content"]
    known_values: ClassVar = {"status": AdaptationStatus}
