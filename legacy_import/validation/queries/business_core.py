"""The business core's named queries: under 50 ms each."""

from typing import Final

from django.db.models import F

from business_core.models import BusinessPipeline, ConsultationInquiry, CurrentPipelineSummary, Post
from legacy_import.validation.queries.named_query import PAGE, NamedQuery

TARGET_MILLISECONDS: Final = 50.0

_BY_VALUE: Final = F("estimated_value").desc(nulls_last=True)


BUSINESS_CORE_QUERIES: Final = (
    NamedQuery(
        "new inquiries, newest first",
        TARGET_MILLISECONDS,
        lambda: ConsultationInquiry.objects.filter(status="new").order_by("-created_at")[:PAGE],
    ),
    NamedQuery(
        "inquiries by value",
        TARGET_MILLISECONDS,
        lambda: ConsultationInquiry.objects.order_by(_BY_VALUE)[:PAGE],
    ),
    NamedQuery(
        "a post's inquiries",
        TARGET_MILLISECONDS,
        lambda: ConsultationInquiry.objects.filter(
            source_post=ConsultationInquiry.objects.exclude(source_post=None)
            .values_list("source_post", flat=True)
            .first()
        )[:PAGE],
    ),
    NamedQuery("posts, newest first", TARGET_MILLISECONDS, lambda: Post.objects.order_by("-posted_at")[:PAGE]),
    NamedQuery(
        "LinkedIn's posts, newest first",
        TARGET_MILLISECONDS,
        lambda: Post.objects.filter(platform="linkedin").order_by("-posted_at")[:PAGE],
    ),
    NamedQuery(
        "posts of one objective",
        TARGET_MILLISECONDS,
        lambda: Post.objects.filter(
            business_objective=Post.objects.values_list("business_objective", flat=True).first()
        )[:PAGE],
    ),
    NamedQuery(
        "the pipeline by month", TARGET_MILLISECONDS, lambda: BusinessPipeline.objects.order_by("-month")[:PAGE]
    ),
    NamedQuery("current_pipeline_summary", TARGET_MILLISECONDS, CurrentPipelineSummary.objects.all),
)
