"""What a message queued by version 0.1 names: the functions are in synapse.kit.jobs.performing now."""

from synapse.kit.jobs.performing import perform, perform_tick

__all__ = ["perform", "perform_tick"]
