"""The legacy_import app."""

from django.apps import AppConfig


class LegacyImportConfig(AppConfig):
    """The reversible import of the legacy SQLite files, its ledger and its proof."""

    name = "legacy_import"
    verbose_name = "Legacy import"

    def ready(self) -> None:
        """Register the checks of the declared sources."""
        from legacy_import import checks  # noqa: F401, PLC0415 - importing registers; models are ready only now
