"""The synapse app."""

from django.apps import AppConfig


class SynapseConfig(AppConfig):
    """What every app stands on, and what stands on all of them."""

    name = "synapse"
    verbose_name = "Synapse"

    def ready(self) -> None:
        """Give text columns the lookup that the dashboards' links use, and forked processes their own connections."""
        import synapse.kit.dashboard.lookups  # noqa: F401, PLC0415  # it registers when it is imported
        from synapse.foundation.forked_connections import forget_after_fork  # noqa: PLC0415  # Django's backends want settings

        forget_after_fork()
