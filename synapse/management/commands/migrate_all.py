"""`manage.py migrate_all`: create the three databases where they are missing, migrate each, upsert the schedules."""

from typing import Any

from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from synapse.foundation.contained_command import ContainedCommand
from synapse.foundation.database_creation import create_missing_database
from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.schedules import ensure_schedules


class Command(ContainedCommand):
    help = "Create the three databases where they are missing and migrate each; run it as often as you like."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **options: Any) -> None:
        for alias in ALIASES:
            name = connections[alias].settings_dict["NAME"]
            try:
                created = create_missing_database(alias)
                executor = MigrationExecutor(connections[alias])
                pending = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
                # Even with nothing pending: an earlier run may have been killed before the permissions were made.
                call_command("migrate", database=alias, interactive=False, verbosity=options["verbosity"] - 1)
                steps = f"{pending} migrations applied" if pending else "up to date"
                self.stdout.write(f"{name}: {'created, ' if created else ''}{steps}")
            except DatabaseError as error:
                raise CommandError(f"{name} could not be migrated: {' '.join(str(error).split())}") from error
        ensure_schedules(timezone.now())
