"""The business core's tables and views, one module each."""

from business_core.inquiry_choices import CLOSED_STATUSES, DataSource, InquiryChannel, InquiryStatus, InquiryType
from business_core.models.business_pipeline import BusinessPipeline
from business_core.models.consultation_inquiry import ConsultationInquiry
from business_core.models.current_pipeline_summary import CurrentPipelineSummary
from business_core.models.post import Platform, Post

__all__ = [
    "CLOSED_STATUSES",
    "BusinessPipeline",
    "ConsultationInquiry",
    "CurrentPipelineSummary",
    "DataSource",
    "InquiryChannel",
    "InquiryStatus",
    "InquiryType",
    "Platform",
    "Post",
]
