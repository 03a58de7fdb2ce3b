"""The synapse app."""

from django.apps import AppConfig


class SynapseConfig(AppConfig):
    """What every app stands on, and what stands on all of them."""

    name = "synapse"
    verbose_name = "Synapse"
