"""The legacy_import app."""

from django.apps import AppConfig


class LegacyImportConfig(AppConfig):
    """The reversible import of the legacy SQLite files, its ledger and its proof."""

    name = "legacy_import"
    verbose_name = "Legacy import"
