"""The notices app."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """What somebody has to be told of, in the admin and by e-mail."""

    name = "synapse.kit.notices"
    label = "notices"
    verbose_name = "Notices"
