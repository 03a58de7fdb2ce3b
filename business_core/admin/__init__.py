"""The business core's admin pages; Django finds this package by its name."""

from business_core.admin import inquiry_panels  # noqa: F401  # it registers when it is imported
from business_core.admin.business_pipeline import BusinessPipelineAdmin
from business_core.admin.consultation_inquiry import ConsultationInquiryAdmin
from business_core.admin.current_pipeline_summary import CurrentPipelineSummaryAdmin
from business_core.admin.post import PostAdmin

__all__ = ["BusinessPipelineAdmin", "ConsultationInquiryAdmin", "CurrentPipelineSummaryAdmin", "PostAdmin"]
