"""The business_core app."""

from django.apps import AppConfig


class BusinessCoreConfig(AppConfig):
    """Posts, consultation inquiries and the monthly pipeline."""

    name = "business_core"
    verbose_name = "Business core"
