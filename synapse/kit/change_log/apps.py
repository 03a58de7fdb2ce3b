"""The change_log app."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class ChangeLogConfig(AppConfig):
    """One trigger-written log of changes to the business tables, in each database."""

    name = "synapse.kit.change_log"
    label = "change_log"
    verbose_name = "Change log"

    def ready(self) -> None:
        """Have every new connection tell PostgreSQL the author of its changes, and pages ask the log who it was."""
        from synapse.kit.admin.concurrent_edits.row_history import register_row_history  # noqa: PLC0415  # not before the apps are loaded
        from synapse.kit.change_log.authorship import install_author_stamp  # noqa: PLC0415
        from synapse.kit.change_log.reverting.revert import undo_link  # noqa: PLC0415
        from synapse.kit.change_log.row_history import LoggedHistory  # noqa: PLC0415
        from synapse.kit.change_log.row_updates import updates_of_rows  # noqa: PLC0415
        from synapse.kit.import_export.later_changes import register_update_reader  # noqa: PLC0415
        from synapse.kit.import_export.undo_links import register_undo_links  # noqa: PLC0415

        connection_created.connect(install_author_stamp, dispatch_uid="change_log_author")
        register_undo_links(undo_link)
        register_update_reader(updates_of_rows)
        register_row_history(LoggedHistory())
