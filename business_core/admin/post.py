"""The page of posts, with what they brought."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString

from business_core.admin.inquiry_columns import choice_label, format_money, shorten_text
from business_core.admin.new_row_defaults import NewRowDefaults
from business_core.admin.styles import STYLES
from business_core.models import DataSource, Platform, Post
from synapse.kit.admin.editable import TableAdmin
from synapse.kit.admin.filters import known_values_filter
from synapse.kit.admin.range_filters import DayRangeFilter, NumberRangeFilter

_MAX_OBJECTIVES = 30
_OF_INQUIRIES = frozenset({"inquiries", "inquiry_count", "inquiry_value"})
"""What a post's address can be asked about its inquiries: the rows, and what with_inquiry_totals() annotates."""
_INQUIRIES = reverse_lazy("admin:business_core_consultationinquiry_changelist")

_SECTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Post", {"fields": ["content", ("platform", "posted_at")]}),
    (
        "Plan",
        {
            "fields": [
                ("week_theme", "day_of_week"),
                "business_objective",
                ("target_audience", "target_consultation_type"),
            ]
        },
    ),
    (
        "Numbers of the platform",
        {
            "fields": [
                ("impressions", "views", "clicks"),
                ("likes", "comments", "shares", "saves"),
                ("profile_views", "connection_requests", "dm_inquiries", "consultation_requests"),
                ("actual_engagement_rate", "business_conversion_rate", "roi_score"),
            ]
        },
    ),
)
_RECORD = ("Where it came from", {"fields": [("external_post_id", "data_source"), ("created_at", "updated_at")]})


class ObjectiveFilter(admin.SimpleListFilter):
    """Posts of one business objective, of the first of those there are."""

    title = "objective"
    parameter_name = "business_objective"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """Return the objectives."""
        named = (
            Post.objects.exclude(business_objective=None).exclude(business_objective="").order_by("business_objective")
        )
        found = named.values_list("business_objective", flat=True).distinct()[:_MAX_OBJECTIVES]
        return [(objective, shorten_text(objective)) for objective in found if objective]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Post]) -> QuerySet[Post]:  # noqa: ARG002
        """Return the chosen objective's posts."""
        return queryset if self.value() is None else queryset.filter(business_objective=self.value())


@admin.register(Post)
class PostAdmin(NewRowDefaults, TableAdmin[Post]):
    """Posts, newest first."""

    external_key = "external_post_id"
    list_display = [
        "post_cell",
        "platform_cell",
        "posted_at",
        "impressions",
        "engagement_cell",
        "inquiries_cell",
        "inquiry_value",
        "consultation_requests",
        "source_cell",
    ]
    list_filter = [
        known_values_filter("platform", Platform),
        known_values_filter("data_source", DataSource),
        ObjectiveFilter,
        ("posted_at", DayRangeFilter),
        ("impressions", NumberRangeFilter),
    ]
    list_filter_submit = True
    # Counts beside the choices would scan the table once per choice.
    show_facets = admin.ShowFacets.NEVER
    compressed_fields = False
    list_totals = ["impressions", "engagement", "inquiry_count", "inquiry_value"]
    search_fields = ["external_post_id", "content"]
    search_help_text = "Words of the post, or its legacy key."
    ordering = ["-posted_at"]
    readonly_fields = ["external_post_id", "data_source", "created_at", "updated_at"]
    long_texts = ["content"]
    known_values: ClassVar = {"platform": Platform}

    class Media:
        css = STYLES

    def get_queryset(self, request: HttpRequest) -> QuerySet[Post]:
        """Return the posts, each with its engagement and what it brought."""
        posts: Any = super().get_queryset(request)
        counted: QuerySet[Post] = posts.with_engagement().with_inquiry_totals()
        return counted

    def get_fieldsets(self, request: HttpRequest, obj: Post | None = None) -> Any:  # noqa: ARG002
        """Return the sections; a new post has no record yet."""
        return _SECTIONS if obj is None else (*_SECTIONS, _RECORD)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns; what inquiries are worth is for those who may see inquiries."""
        columns = super().get_list_display(request)
        hidden = set() if _may_view_inquiries(request) else {"inquiries_cell", "inquiry_value"}
        return [column for column in columns if column not in hidden]

    def get_total_columns(self, request: HttpRequest) -> Any:
        """Return the sums, likewise."""
        hidden = set() if _may_view_inquiries(request) else _OF_INQUIRIES
        return [column for column in self.list_totals if column not in hidden]

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Refuse to filter by what the person may not see, or the value of inquiries could be guessed at."""
        if lookup.partition("__")[0] in _OF_INQUIRIES and not _may_view_inquiries(request):
            return False
        return super().lookup_allowed(lookup, value, request)

    @admin.display(description="post", ordering="external_post_id")
    def post_cell(self, post: Post) -> SafeString:
        """Return the beginning of the text, or the key of a post without one."""
        words = shorten_text(post.content) or shorten_text(post.external_post_id)
        return format_html('<span class="cell-wide">{}</span>', words)

    @admin.display(description="platform", ordering="platform")
    def platform_cell(self, post: Post) -> str:
        """Return the platform."""
        return choice_label(Platform, post.platform)

    @admin.display(description="engagement", ordering="engagement")
    def engagement_cell(self, post: Post) -> str:
        """Return likes, comments, shares and saves together."""
        return f"{vars(post)['engagement']:,}"

    @admin.display(description="inquiries here", ordering="inquiry_count")
    def inquiries_cell(self, post: Post) -> str | SafeString:
        """Return how many inquiries name the post as their source, and open them."""
        count: int = vars(post)["inquiry_count"]
        if not count:
            return "0"
        return format_html('<a href="{}?source_post__exact={}">{}</a>', _INQUIRIES, post.pk, f"{count:,}")

    @admin.display(description="their value", ordering=F("inquiry_value").asc(nulls_first=True), empty_value="-")
    def inquiry_value(self, post: Post) -> str | None:
        """Return what they are worth together."""
        return format_money(vars(post)["inquiry_value"])

    @admin.display(description="source", ordering="data_source")
    def source_cell(self, post: Post) -> str:
        """Return where the row comes from."""
        return choice_label(DataSource, post.data_source)


def _may_view_inquiries(request: HttpRequest) -> bool:
    return request.user.has_perm("business_core.view_consultationinquiry")
