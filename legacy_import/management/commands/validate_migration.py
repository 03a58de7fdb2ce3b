"""`manage.py validate_migration`: compare PostgreSQL with the legacy files. Exit 0 all pass, 1 not, 2 usage."""

import getpass
import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, get_args

from django.conf import settings
from django.core.management.base import CommandError

from legacy_import.errors import UnknownSourceError
from legacy_import.management.contained_command import LegacyCommand
from legacy_import.management.terminal_output import show_progress
from legacy_import.management.validation_output import print_report
from legacy_import.mapping import Phase, Source
from legacy_import.services.validating import validate_and_report, validate_sources
from legacy_import.sources import sources_of_phase
from legacy_import.undeclared.sources import find_source
from legacy_import.validation.html_report import render_html_report
from synapse.foundation.private_files import write_private_text


class Command(LegacyCommand):
    help = (
        "Check that PostgreSQL and the legacy files agree: record counts, every cell, timestamps, references, the"
        " consultation pipeline, and that the named queries are as fast as promised."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--source", metavar="NAME[,NAME]", help="only these sources; nothing is recorded")
        which.add_argument(
            "--phase", choices=get_args(Phase), help="only the sources of one phase; nothing is recorded"
        )
        parser.add_argument("--legacy-dir", type=Path, default=settings.LEGACY_DIR, help="where the files lie")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        parser.add_argument("--html", type=Path, metavar="FILE", help="also write a page one can send")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sources = _chosen_sources(options["source"], options["phase"])
        except UnknownSourceError as error:
            self.stderr.write(str(error))
            sys.exit(2)
        try:
            requested_by = getpass.getuser()
        except (KeyError, OSError):
            requested_by = ""  # the system does not know who is at the terminal
        with show_progress(enabled=not options["json"]) as progress:
            folder = options["legacy_dir"]
            if sources:
                report = validate_sources(folder, sources, requested_by=requested_by, progress=progress)
            else:
                report = validate_and_report(folder, requested_by=requested_by, progress=progress)
        if options["html"]:
            page = render_html_report(report)
            try:
                write_private_text(options["html"], page)
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                raise CommandError(f"The report could not be written to {options['html']}: {reason}.") from error
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json()))
        else:
            print_report(report)
            if options["html"]:
                self.stdout.write(f"The report is in {options['html']}")
        sys.exit(0 if report.passed else 1)


def _chosen_sources(names: str | None, phase: Phase | None) -> tuple[Source, ...]:
    """Return the sources asked for, empty where all are meant; raises UnknownSourceError."""
    if phase:
        return sources_of_phase(phase)
    if names is None:
        return ()
    return tuple(find_source(name) for name in dict.fromkeys(name.strip() for name in names.split(",")))
