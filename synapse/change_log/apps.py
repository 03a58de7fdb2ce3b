"""The change_log app."""

from django.apps import AppConfig


class ChangeLogConfig(AppConfig):
    """One trigger-written log of changes to the business tables, in each database."""

    name = "synapse.change_log"
    label = "change_log"
    verbose_name = "Change log"
