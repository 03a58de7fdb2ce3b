"""The console app: it has no tables; Django finds its admin pages and its jobs through it."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Pages and jobs that span all apps."""

    name = "synapse.console"
    verbose_name = "Console"
