"""`manage.py validate_migration`: compare PostgreSQL with the legacy files. Exit 0 all pass, 1 not."""

import getpass
import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from legacy_import.management.contained_command import LegacyCommand
from legacy_import.management.drawing import show_progress
from legacy_import.management.validation_drawing import print_report
from legacy_import.services.validating import validation_report
from legacy_import.validation.html_report import html_report
from synapse.foundation.private_files import write_private_text


class Command(LegacyCommand):
    help = (
        "Check that PostgreSQL and the legacy files agree: record counts, every cell, timestamps, references, the"
        " consultation pipeline, and that the named queries are as fast as promised."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--legacy-dir", type=Path, default=settings.LEGACY_DIR, help="where the files lie")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        parser.add_argument("--html", type=Path, metavar="FILE", help="also write a page one can send")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            requested_by = getpass.getuser()
        except (KeyError, OSError):
            requested_by = ""  # the system does not know who is at the terminal
        with show_progress(enabled=not options["json"]) as progress:
            report = validation_report(options["legacy_dir"], requested_by=requested_by, progress=progress)
        if options["html"]:
            page = html_report(report)
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
