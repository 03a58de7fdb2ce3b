"""The console's admin pages, found by Django's autodiscovery: people and roles, and the job schedules."""

from synapse.console.operations import schedule_admin
from synapse.console.people import admin as people_admin

__all__ = ["people_admin", "schedule_admin"]
