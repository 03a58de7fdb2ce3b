"""Below the form: which other inquiries look like this one, the post one came from, the inquiries a post brought.

What lives here: what these panels say and who may see them. What does not: their looks (templates/business_core).
"""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import Truncator

from business_core.admin.inquiry_columns import choice_label, contact_and_company, format_money
from business_core.models import ConsultationInquiry, InquiryStatus, Platform, Post
from business_core.querysets.inquiries import InquiryQuerySet
from synapse.foundation.text.visible import visible
from synapse.kit.admin.panels import Panel, register_panel
from synapse.kit.admin.permissions import may_view
from synapse.kit.dashboard.links import list_link

_MAX_SHOWN = 10
_MAX_CONTENT_LENGTH = 400


def look_alikes_panel(request: HttpRequest, inquiry: ConsultationInquiry) -> dict[str, Any] | None:
    """Return the panel of inquiries of the same person, company and message; None where there are none."""
    if not may_view(request, ConsultationInquiry):
        return None
    alike = ConsultationInquiry.objects.look_alikes_of(inquiry)
    lines = _inquiry_lines(alike)
    return {"lines": lines, "more": max(alike.count() - len(lines), 0)} if lines else None


def source_post_panel(request: HttpRequest, inquiry: ConsultationInquiry) -> dict[str, Any] | None:
    """Return the panel of the post the inquiry came from, with its numbers; None where none is known."""
    if inquiry.source_post_id is None or not may_view(request, Post):
        return None
    post = Post.objects.with_engagement().with_inquiry_totals().get(pk=inquiry.source_post_id)
    return {
        "name": f"{choice_label(Platform, post.platform)} post",
        "link": reverse("admin:business_core_post_change", args=[post.pk]),
        "posted_at": post.posted_at,
        "content": visible(Truncator(post.content).chars(_MAX_CONTENT_LENGTH)),
        "numbers": post_numbers(post),
    }


def inquiries_from_post_panel(request: HttpRequest, post: Post) -> dict[str, Any] | None:
    """Return the panel of the inquiries a post brought; None where this person may not see inquiries."""
    if not may_view(request, ConsultationInquiry):
        return None
    inquiries = ConsultationInquiry.objects.filter(source_post=post)
    lines, numbers = _inquiry_lines(inquiries), Post.objects.with_engagement().with_inquiry_totals().get(pk=post.pk)
    return {
        "lines": lines,
        "numbers": post_numbers(numbers),
        "more": max(vars(numbers)["inquiry_count"] - len(lines), 0),
        "link": list_link(request, ConsultationInquiry, source_post__exact=post.pk),
    }


def post_numbers(post: Post) -> list[tuple[str, str]]:
    """Return a post's numbers with their words; the post carries its annotations."""
    annotated = vars(post)
    rate = post.actual_engagement_rate
    return [
        ("Impressions", _format_count(post.impressions)),
        ("Engagement (likes, comments, shares, saves)", _format_count(annotated["engagement"])),
        ("Engagement rate", "unknown" if rate is None else f"{rate * 100:.2f}%"),
        ("Consultation requests, as the platform counted", _format_count(post.consultation_requests)),
        ("Inquiries here", _format_count(annotated["inquiry_count"])),
        ("Their value", format_money(annotated["inquiry_value"]) or "none"),
    ]


def _inquiry_lines(inquiries: InquiryQuerySet) -> list[dict[str, Any]]:
    newest = inquiries.order_by("-created_at", "pk")[:_MAX_SHOWN]
    return [
        {
            "who": contact_and_company(inquiry),
            "link": reverse("admin:business_core_consultationinquiry_change", args=[inquiry.pk]),
            "status": choice_label(InquiryStatus, inquiry.status) or "none",
            "value": format_money(inquiry.estimated_value) or "-",
            "created_at": inquiry.created_at,
        }
        for inquiry in newest
    ]


def _format_count(number: int | None) -> str:
    return "unknown" if number is None else f"{number:,}"


register_panel(ConsultationInquiry, Panel("Looks like others", "business_core/look_alikes.html", look_alikes_panel))
register_panel(ConsultationInquiry, Panel("The post it came from", "business_core/source_post.html", source_post_panel))
register_panel(Post, Panel("Inquiries this post brought", "business_core/brought.html", inquiries_from_post_panel))
