"""The console app: it has no tables; Django finds its admin pages and its jobs through it."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ConsoleConfig(AppConfig):
    """Pages and jobs that span all apps."""

    name = "synapse.console"
    verbose_name = "Console"

    def ready(self) -> None:
        """Have every app register what it shows on the console's pages: its module `panels`, where it has one."""
        autodiscover_modules("panels")
