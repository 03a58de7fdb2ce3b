"""Django's admin app, with Synapse's site (site.py), and the start of what the apps register for pages."""

from django.contrib.admin.apps import AdminConfig
from django.utils.module_loading import autodiscover_modules


class SynapseAdminConfig(AdminConfig):
    """Django's admin app with Synapse's site; the theme would put its own in place, hence its BasicAppConfig."""

    default_site = "synapse.kit.admin.site.SynapseAdminSite"

    def ready(self) -> None:
        """Import each app's admin pages, then its module `panels`, with which it registers in synapse.kit.panels."""
        super().ready()
        # After the admin pages: a panel's module imports some of them, and the order in which models are registered,
        # which is that of the admin's addresses, is to follow INSTALLED_APPS.
        autodiscover_modules("panels")
