"""Django's admin app, with Synapse's site (site.py), and the start of what the apps register for pages."""

from django.contrib.admin.apps import AdminConfig
from django.db.backends.signals import connection_created
from django.utils.module_loading import autodiscover_modules


class SynapseAdminConfig(AdminConfig):
    """Django's admin app with Synapse's site; the theme would put its own in place, hence its BasicAppConfig."""

    default_site = "synapse.kit.admin.site.SynapseAdminSite"

    def ready(self) -> None:
        """Import each app's admin pages, then its module `panels`, with which it registers in synapse.kit.panels."""
        from synapse.foundation.lock_waits import install_lock_wait_limit  # noqa: PLC0415  # not before the apps are loaded

        connection_created.connect(install_lock_wait_limit, dispatch_uid="lock_wait_limit")
        super().ready()
        # After the admin pages: a panel's module imports some of them, and the order in which models are registered,
        # which is that of the admin's addresses, is to follow INSTALLED_APPS.
        autodiscover_modules("panels")
