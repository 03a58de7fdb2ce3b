"""The admin pages of what Synapse itself stands on: people and roles, and the job queue."""

from synapse.admin import jobs, people

__all__ = ["jobs", "people"]
