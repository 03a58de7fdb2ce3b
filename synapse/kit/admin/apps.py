"""Django's admin app, told which site its pages stand on.

What lives here: that. What does not: the site (site.py).
"""

from django.contrib.admin.apps import AdminConfig


class SynapseAdminConfig(AdminConfig):
    """Django's admin app with Synapse's site; the theme would put its own in place, hence its BasicAppConfig."""

    default_site = "synapse.kit.admin.site.SynapseAdminSite"
