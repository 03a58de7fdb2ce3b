"""The analytics app."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """Content analysis, patterns, predictions and attribution."""

    name = "analytics"
    verbose_name = "Analytics"
