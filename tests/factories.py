"""Rows for tests: each `make_…` saves one row that is valid as it stands; keywords replace any column.

What lives here: one factory per table. What does not: legacy files (legacy_import.demo makes those).
"""

import itertools
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django_q.models import OrmQ, Task
from django_q.signing import SignedPackage

from analytics.models import AttributionTracking, ContentAnalysis, ContentPattern, PerformancePrediction
from business_core.models import BusinessPipeline, ConsultationInquiry, Post
from legacy_import.models import ValidationRun
from revenue.models import (
    ABTest,
    ABTestVariant,
    ContentPiece,
    ContentRecommendation,
    PlatformAdaptation,
    RevenueOpportunity,
)
from synapse.kit.jobs.models import JobRun

MOMENT = datetime(2025, 8, 19, 17, 0, 47, 930332, tzinfo=UTC)
_numbers = itertools.count(1)


def make_post(**columns: Any) -> Post:
    row = {"external_post_id": f"post-{next(_numbers)}", "content": "Text", "posted_at": MOMENT, "data_source": "test"}
    return Post.objects.create(**row | columns)


def make_inquiry(**columns: Any) -> ConsultationInquiry:
    row = {
        "external_inquiry_id": f"inquiry-{next(_numbers)}",
        "contact_name": "Ada Example",
        "inquiry_type": "architecture",
        "inquiry_channel": "linkedin_dm",
        "data_source": "test",
    }
    return ConsultationInquiry.objects.create(**row | columns)


def make_pipeline_month(**columns: Any) -> BusinessPipeline:
    row = {"month": f"{2000 + next(_numbers)}-01"}
    return BusinessPipeline.objects.create(**row | columns)


def make_content_analysis(**columns: Any) -> ContentAnalysis:
    row = {
        "post_id": f"post-{next(_numbers)}",
        "word_count": 120,
        "hook_type": "question",
        "cta_type": "comment",
        "topic_category": "architecture",
        "data_source": "test",
    }
    return ContentAnalysis.objects.create(**row | columns)


def make_content_pattern(**columns: Any) -> ContentPattern:
    row = {
        "pattern_type": "hook",
        "pattern_value": f"value-{next(_numbers)}",
        "avg_engagement_rate": Decimal("0.1200"),
        "avg_consultation_conversion": Decimal("0.0300"),
        "sample_size": 12,
        "confidence_score": Decimal("0.9000"),
    }
    return ContentPattern.objects.create(**row | columns)


def make_prediction(**columns: Any) -> PerformancePrediction:
    row = {
        "post_id": f"post-{next(_numbers)}",
        "predicted_engagement_rate": Decimal("0.1200"),
        "predicted_consultation_requests": 2,
        "confidence_lower": Decimal("0.0800"),
        "confidence_upper": Decimal("0.1600"),
        "key_factors": ["hook"],
        "recommendations": ["ask"],
    }
    return PerformancePrediction.objects.create(**row | columns)


def make_touchpoint(**columns: Any) -> AttributionTracking:
    row = {"content_id": f"content-{next(_numbers)}", "platform": "linkedin", "touchpoint": "view"}
    return AttributionTracking.objects.create(**row | columns)


def make_opportunity(**columns: Any) -> RevenueOpportunity:
    row = {
        "lead_source": "linkedin",
        "customer_segment": f"segment-{next(_numbers)}",
        "revenue_potential": Decimal("25000.00"),
        "confidence_score": Decimal("0.8000"),
        "qualification_score": 70,
    }
    return RevenueOpportunity.objects.create(**row | columns)


def make_ab_test(**columns: Any) -> ABTest:
    row = {
        "test_name": f"Test {next(_numbers)}",
        "hypothesis": "Questions work.",
        "element_type": "hook",
        "start_date": MOMENT,
    }
    return ABTest.objects.create(**row | columns)


def make_variant(**columns: Any) -> ABTestVariant:
    row = {
        "variant_name": f"variant-{next(_numbers)}",
        "element_type": "hook",
        "content": "Why?",
        "expected_metric": "engagement",
    }
    return ABTestVariant.objects.create(**row | columns)


def make_recommendation(**columns: Any) -> ContentRecommendation:
    row = {
        "recommendation_type": "topic",
        "content_topic": f"topic-{next(_numbers)}",
        "target_audience": "CTOs",
        "expected_performance": {"engagement": 0.1},
        "reasoning": "It worked.",
        "priority_score": Decimal("0.9000"),
    }
    return ContentRecommendation.objects.create(**row | columns)


def make_content_piece(**columns: Any) -> ContentPiece:
    return ContentPiece.objects.create(**{"original_content": f"Text {next(_numbers)}"} | columns)


def make_adaptation(**columns: Any) -> PlatformAdaptation:
    row = {"platform": "twitter", "adapted_content": f"Text {next(_numbers)}"}
    return PlatformAdaptation.objects.create(**row | columns)


def make_validation(**columns: Any) -> ValidationRun:
    row = {"begun_at": MOMENT, "seconds": 1.5, "legacy_dir": "legacy", "passed": True, "check_count": 54}
    return ValidationRun.objects.create(**row | columns)


def make_message(*, went_well: bool) -> Task:
    """Make what django-q keeps of a message that a worker took."""
    number = f"{next(_numbers):032}"
    words = {"id": number, "name": number, "func": "synapse.kit.jobs.performing.perform", "success": went_well}
    return Task.objects.create(**words, started=MOMENT, stopped=MOMENT, attempt_count=1)


def make_waiting_message() -> OrmQ:
    """Make a message that no worker has taken yet."""
    task = {"id": f"{next(_numbers):032}", "name": "waiting", "func": "synapse.kit.jobs.performing.perform", "args": ()}
    return OrmQ.objects.create(key="synapse", payload=SignedPackage.dumps(task))


def make_job_run(**columns: Any) -> JobRun:
    row = {"job": "refresh-views", "key": f"run {next(_numbers)}", "requested_by": "Ada"}
    return JobRun.objects.create(**row | columns)
