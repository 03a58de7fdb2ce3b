"""What people did before the pictures were taken: lists get something to do, and the timeline something to tell.

What lives here: edits and invented rows, through the services and models people's own edits go through. What does not:
the demonstration files (legacy_import.demo), what the scripts write meanwhile (legacy_changes.py).
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.utils import timezone

from business_core.models import ConsultationInquiry, Post
from business_core.querysets.inquiries import InquiryQuerySet
from business_core.services.inquiries import change_status, set_next_action
from revenue.models import ABTest, ABTestVariant
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.factories import make_inquiry, make_pipeline_month, make_prediction

WORKED_ON: Final = "Zoë Brønnvik"
"""The contact whose inquiry the pictures open."""
JUDGED: Final = "Closing Line for Consultations"
"""The test that has come to a winner."""

_SHOWN_AND_ASKED: Final = ((6_140, 121), (6_088, 124), (6_121, 232), (6_153, 131))
"""Impressions and consultation requests of the judged test's variants, by name."""

# Days ago, who, company, type, channel, value, status.
_INQUIRIES: Final = (
    (3, "Noor Halvorsen", "Tidewater Freight", "architecture", "email", 18_000, "contacted"),
    (9, "Matteo Quist", "Alder & Vane", "fractional_cto", "referral", 60_000, "discovery_scheduled"),
    (12, "Ines Okafor", "Lumen Orchard", "nobuild_audit", "website", 8_000, "qualified"),
    (26, "Kaveh Lindqvist", "Paper Harbour", "team_building", "event", 22_000, "proposal_sent"),
    (48, "Ruta Marchetti", "Northgate Clinics", "architecture", "linkedin_dm", 30_000, "closed_won"),
    (75, "Oskar Dubois", "Fennel Robotics", "nobuild_audit", "email", 12_000, "closed_won"),
    (96, "Amara Petrov", "Kite & Anchor", "team_building", "linkedin_dm", 15_000, "closed_lost"),
    (131, "Hal Nakamura", "Quarry Street Books", "fractional_cto", "referral", 80_000, "closed_won"),
    (164, "Bea Falk", "Sable Analytics", "architecture", "website", 14_000, "closed_lost"),
)

# Whose newest open inquiry, what is to be done, and in how many days.
_PLANS: Final = (
    ("Noor Halvorsen", "Send two references from logistics", -4),
    ("Kaveh Lindqvist", "Ask whether the board has met", -1),
    ("Matteo Quist", "Discovery call at 14:00", 0),
    ("Ines Okafor", "Send the questionnaire", 0),
    (WORKED_ON, "Draft the 90-day plan", 2),
    ("Siân O'Quillane", "Call about the audit's scope", 5),
)


def work_before_the_pictures(now: datetime) -> None:
    """Add inquiries of the last months, plan and move some, give a test its counts, add predictions and months."""
    with attribute_changes_to("hedy"):
        _add_inquiries(now)
        _plan(timezone.localdate(now), now)
        _count_months(timezone.localdate(now))
    with attribute_changes_to("ada"):
        _move_on(now)
    with attribute_changes_to("grace"):
        _fill_the_test()
        _predict()


def _add_inquiries(now: datetime) -> None:
    for number, (days, name, company, kind, channel, value, status) in enumerate(_INQUIRIES):
        make_inquiry(
            external_inquiry_id=f"by-hand-{number + 1}",
            contact_name=name,
            company=company,
            inquiry_type=kind,
            inquiry_channel=channel,
            estimated_value=Decimal(value),
            priority_score=3 + number % 3,
            status=status,
            data_source="synapse",
            created_at=now - timedelta(days=days),
            updated_at=now - timedelta(days=days),
        )


def _plan(today: date, now: datetime) -> None:
    for name, action, days in _PLANS:
        set_next_action(inquiries=_newest_of(name), next_action=action, due_date=today + timedelta(days=days), now=now)


def _move_on(now: datetime) -> None:
    """Take one inquiry through two stages, and edit what the scripts are about to edit too."""
    inquiry = _newest_of(WORKED_ON)
    change_status(inquiries=inquiry, status="contacted", now=now)
    ConsultationInquiry.objects.filter(pk__in=inquiry.values("pk")).update(
        notes="Called on Monday. They want somebody two days a week from January.", estimated_value=Decimal(90_000)
    )
    change_status(inquiries=inquiry, status="qualified", now=now)
    answered = ConsultationInquiry.objects.filter(status="new", data_source="linkedin_primary")
    answered.update(status="contacted", notes="Wrote back the same evening.")


def _newest_of(name: str) -> InquiryQuerySet:
    newest = ConsultationInquiry.objects.filter(contact_name=name).open().order_by("-created_at", "pk")[:1]
    return ConsultationInquiry.objects.filter(pk__in=list(newest.values_list("pk", flat=True)))


def _count_months(today: date) -> None:
    month = today.replace(day=1)
    for back in range(4):
        month = (month - timedelta(days=1)).replace(day=1)
        make_pipeline_month(
            month=f"{month:%Y-%m}",
            total_posts=28 - back,
            total_impressions=41_000 - 2_300 * back,
            total_engagement=3_350 - 190 * back,
            total_inquiries=6 - back,
            discovery_calls=3 - back // 2,
            proposals_sent=2,
            contracts_won=1,
            revenue_generated=Decimal(24_000 - 4_000 * back),
            pipeline_value=Decimal(140_000 - 15_000 * back),
        )


def _fill_the_test() -> None:
    """Give the running test that is old enough the counts of a clear winner."""
    test = ABTest.objects.filter(test_name=JUDGED, status="active").order_by("start_date")[0]
    test.minimum_sample_size = 5_000
    test.save(update_fields=["minimum_sample_size"])
    variants = ABTestVariant.objects.filter(test=test).order_by("variant_name")
    for variant, (shown, asked) in zip(variants, _SHOWN_AND_ASKED, strict=True):
        variant.impressions, variant.consultation_requests = shown, asked
        variant.engagement_actions = shown // 11
        variant.save(update_fields=["impressions", "consultation_requests", "engagement_actions"])


def _predict() -> None:
    for number, post in enumerate(Post.objects.order_by("external_post_id")[:8]):
        actual = post.actual_engagement_rate or Decimal(0)
        said = actual + Decimal(number - 3) / 200
        make_prediction(
            post_id=post.external_post_id,
            predicted_engagement_rate=said,
            confidence_lower=said - Decimal("0.02"),
            confidence_upper=said + Decimal("0.02"),
            actual_engagement_rate=actual,
            actual_consultation_requests=post.consultation_requests,
            prediction_accuracy=Decimal(1) - abs(said - actual) * 5,
            validated_at=timezone.now(),
        )
