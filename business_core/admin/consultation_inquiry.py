"""The page of consultation inquiries."""

from typing import ClassVar

from django.contrib import admin
from django.db.models import F

from business_core.models import ConsultationInquiry, InquiryStatus, InquiryType
from synapse.admin_base import TableAdmin, known_values_filter


@admin.register(ConsultationInquiry)
class ConsultationInquiryAdmin(TableAdmin[ConsultationInquiry]):
    """Inquiries, the most valuable first."""

    list_display = ["contact_name", "company", "inquiry_type", "status", "estimated_value", "created_at"]
    list_filter = [known_values_filter("status", InquiryStatus), known_values_filter("inquiry_type", InquiryType)]
    search_fields = ["contact_name", "company", "external_inquiry_id"]
    # As the index has it, or PostgreSQL sorts the whole table.
    ordering = [F("estimated_value").desc(nulls_last=True)]
    list_totals = ["estimated_value"]
    autocomplete_fields = ["source_post"]
    readonly_fields = ["created_at", "updated_at"]
    long_texts = ["inquiry_text", "inquiry_details", "notes"]
    known_values: ClassVar = {"status": InquiryStatus, "inquiry_type": InquiryType}
