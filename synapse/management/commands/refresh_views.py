"""`manage.py refresh_views`: refresh the materialized views of one database or of all three."""

import argparse
from typing import Any, Final

from django.core.management import CommandError
from django.db import DatabaseError

from synapse.foundation.contained_command import ContainedCommand
from synapse.foundation.containment import contain_errors
from synapse.foundation.databases import ALIASES, DATABASE_NAMES
from synapse.foundation.materialized_views import refresh_views
from synapse.foundation.text.error_line import error_line

_KNOWN: Final = ", ".join([*ALIASES, *DATABASE_NAMES.values()])


class Command(ContainedCommand):
    help = "Refresh the materialized views; readers are not locked out."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--database", help=f"One of {_KNOWN}; all three without it.")

    def handle(self, *_args: Any, **options: Any) -> None:
        wanted = options["database"]
        # A database is named by its alias or by its own name.
        named = [alias for alias, name in DATABASE_NAMES.items() if wanted in {alias, name}]
        if wanted is not None and not named:
            raise CommandError(f"There is no database {wanted!r}: name one of {_KNOWN}.")
        failures = []
        for alias in ALIASES if wanted is None else named[:1]:
            # One that fails: the others are refreshed all the same.
            with contain_errors(
                f"{DATABASE_NAMES[alias]} could not be refreshed", foresee=_foreseen_error_sentence
            ) as trouble:
                names = refresh_views(alias=alias)
                self.stdout.write(f"{DATABASE_NAMES[alias]}: {', '.join(names) or 'no materialized views'}")
            if trouble:
                failures.append(trouble.sentence)
        if failures:
            raise CommandError("\n".join(failures))


def _foreseen_error_sentence(unit: str, error: Exception) -> str:
    return f"{unit}: {error_line(error)}" if isinstance(error, DatabaseError) else ""
