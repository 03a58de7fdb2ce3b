"""The pages of content pieces and their adaptations."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery, TextChoices
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from revenue.admin.cells import STYLES, shorten_text, text_column
from revenue.models import AdaptationStatus, ContentPiece, PlatformAdaptation
from synapse.kit.admin.editable import TableAdmin, TableInline
from synapse.kit.admin.filters import known_values_filter
from synapse.kit.admin.permissions import may_view
from synapse.kit.admin.range_filters import DayRangeFilter


class AdaptationPlatform(TextChoices):
    """The platforms the legacy scripts adapt for; the column takes others too."""

    LINKEDIN = "linkedin", "LinkedIn"
    TWITTER = "twitter", "Twitter"
    NEWSLETTER = "newsletter", "Newsletter"
    UNKNOWN = "Unknown", "Unknown"


class PlatformAdaptationInline(TableInline[PlatformAdaptation, ContentPiece]):
    """A piece's adaptations."""

    model = PlatformAdaptation
    fields = ["platform", "adapted_content", "scheduled_time", "post_id", "status"]
    known_values: ClassVar = {"status": AdaptationStatus}


@admin.register(ContentPiece)
class ContentPieceAdmin(TableAdmin[ContentPiece]):
    """Pieces, each with its adaptations; the specification indexes nothing but their key."""

    list_display = ["piece_cell", "objective_cell", "audience_cell", "adaptations_cell", "created_at"]
    search_fields = ["original_content", "business_objective"]
    search_help_text = "Words of the text or the objective."
    ordering = ["content_id"]
    readonly_fields = ["created_at", "updated_at"]
    long_texts = ["original_content"]
    inlines = [PlatformAdaptationInline]
    fieldsets = [
        ("Piece", {"fields": ["original_content", "business_objective", "target_audience"]}),
        ("When", {"fields": ["created_at", "updated_at"]}),
    ]

    class Media:
        css: ClassVar = STYLES

    def get_queryset(self, request: HttpRequest) -> QuerySet[ContentPiece]:
        """Return the pieces, each with the number of its adaptations."""
        pieces = super().get_queryset(request)
        found = PlatformAdaptation.objects.filter(content=OuterRef("pk")).order_by().values("content")
        return pieces.annotate(adaptation_count=Coalesce(Subquery(found.values(n=Count("pk"))), 0))

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns; how often it was adapted is for those who may see adaptations."""
        columns = super().get_list_display(request)
        if may_view(request, PlatformAdaptation):
            return columns
        return [name for name in columns if name != "adaptations_cell"]

    @admin.display(description="piece")
    def piece_cell(self, piece: ContentPiece) -> str:
        """Return the beginning of the text."""
        return shorten_text(piece.original_content) or "(empty)"

    @admin.display(description="objective", ordering="business_objective")
    def objective_cell(self, piece: ContentPiece) -> str:
        """Return what it is for."""
        return shorten_text(piece.business_objective)

    @admin.display(description="audience", ordering="target_audience")
    def audience_cell(self, piece: ContentPiece) -> str:
        """Return for whom it is."""
        return shorten_text(piece.target_audience)

    @admin.display(description="adaptations", ordering="adaptation_count")
    def adaptations_cell(self, piece: ContentPiece) -> SafeString:
        """Return how many adaptations it has, leading to them."""
        page = reverse("admin:revenue_platformadaptation_changelist")
        query = urlencode({"content__exact": piece.pk})
        return format_html('<a class="list-link" href="{}?{}">{}</a>', page, query, vars(piece)["adaptation_count"])


@admin.register(PlatformAdaptation)
class PlatformAdaptationAdmin(TableAdmin[PlatformAdaptation]):
    """All adaptations, piece by piece."""

    list_display = [
        text_column("platform"),
        "text_cell",
        "piece_cell",
        text_column("status"),
        "scheduled_time",
        text_column("post_id"),
    ]
    list_filter = [
        known_values_filter("platform", AdaptationPlatform),
        known_values_filter("status", AdaptationStatus),
        ("scheduled_time", DayRangeFilter),
    ]
    list_filter_submit = True
    list_select_related = ["content"]
    search_fields = ["adapted_content", "post_id"]
    search_help_text = "Words of the adapted text, or the post's key."
    ordering = ["content_id", "platform"]
    autocomplete_fields = ["content"]
    readonly_fields = ["created_at"]
    long_texts = ["adapted_content"]
    known_values: ClassVar = {"status": AdaptationStatus}
    fieldsets = [
        ("Adaptation", {"fields": ["content", "platform", "adapted_content"]}),
        ("Publishing", {"fields": ["status", "scheduled_time", "post_id", "created_at"]}),
    ]

    @admin.display(description="text")
    def text_cell(self, adaptation: PlatformAdaptation) -> str:
        """Return the beginning of the text."""
        return shorten_text(adaptation.adapted_content) or "(empty)"

    @admin.display(description="piece", ordering="content_id", empty_value="-")
    def piece_cell(self, adaptation: PlatformAdaptation) -> str | None:
        """Return the beginning of the piece it was made of."""
        return shorten_text(adaptation.content.original_content) if adaptation.content else None
