"""The jobs app; its label is `job_base`, as its tables, permissions and stored names were made under."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobBaseConfig(AppConfig):
    """Jobs that run by the clock or on demand, each effect exactly once."""

    name = "synapse.kit.jobs"
    label = "job_base"
    verbose_name = "Jobs"

    def ready(self) -> None:
        """Have every app register its jobs, so that a worker knows them by name."""
        autodiscover_modules("jobs")
