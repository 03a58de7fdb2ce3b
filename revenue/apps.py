"""The revenue app."""

from django.apps import AppConfig


class RevenueConfig(AppConfig):
    """Opportunities, A/B tests, recommendations and content pieces."""

    name = "revenue"
    verbose_name = "Revenue"
