"""The synapse app."""

from django.apps import AppConfig
from django.conf import settings


class SynapseConfig(AppConfig):
    """What every app stands on, and what stands on all of them."""

    name = "synapse"
    verbose_name = "Synapse"

    def ready(self) -> None:
        """Give text columns the dashboards' lookup, forked processes connections of their own, the log its events."""
        import synapse.kit.dashboard.lookups  # noqa: F401, PLC0415  # it registers when it is imported
        from synapse.foundation.clamped_datetimes import register_datetime_loaders  # noqa: PLC0415
        from synapse.foundation.forked_connections import forget_connections_after_fork  # noqa: PLC0415  # Django's backends want settings
        from synapse.foundation.logs.sentry import start_sentry  # noqa: PLC0415
        from synapse.kit.request_logs.account_events import connect_account_events  # noqa: PLC0415  # models
        from synapse.kit.request_logs.sign_in_events import connect_sign_in_events  # noqa: PLC0415

        forget_connections_after_fork()
        register_datetime_loaders()
        connect_sign_in_events()
        connect_account_events()
        start_sentry(settings.SENTRY_DSN, environment=settings.ENVIRONMENT)
