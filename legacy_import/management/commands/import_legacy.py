"""`manage.py import_legacy`: import legacy files. Exit 0 all landed, 3 some rows quarantined, 1 failed, 2 usage."""

import getpass
import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from legacy_import.errors import UnknownSourceError
from legacy_import.management.contained_command import LegacyCommand
from legacy_import.management.terminal_output import print_import_summary, show_progress
from legacy_import.pipeline.report import SourceReport
from legacy_import.services import ImportRequest, import_sources
from legacy_import.services.undeclared_archive import archive_undeclared_files
from legacy_import.sources import SOURCES, source_named, sources_of_phase
from legacy_import.undeclared.listing import Listing, list_undeclared_files

_EXIT_CODES: Final = {"completed": 0, "quarantined": 3, "failed": 1}


class Command(LegacyCommand):
    help = "Import legacy SQLite files into PostgreSQL: each source wholly or not at all; running it again is safe."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--source", metavar="NAME[,NAME]", help="one or several sources by name")
        which.add_argument("--phase", choices=["core", "analytics", "revenue"], help="the sources of one phase")
        which.add_argument("--all", action="store_true", help="every source")
        which.add_argument(
            "--undeclared", action="store_true", help="archive the SQLite files of the folder that no source declares"
        )
        parser.add_argument("--legacy-dir", type=Path, default=settings.LEGACY_DIR, help="where the files lie")
        parser.add_argument("--dry-run", action="store_true", help="judge every value, change nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["all"] or options["undeclared"]:
                sources = SOURCES
            elif options["phase"]:
                sources = sources_of_phase(options["phase"])
            else:
                names = dict.fromkeys(name.strip() for name in options["source"].split(","))
                sources = tuple(source_named(name) for name in names)
        except UnknownSourceError as error:
            self.stderr.write(str(error))
            sys.exit(2)
        request = ImportRequest(
            legacy_dir=options["legacy_dir"], requested_by=getpass.getuser(), dry_run=options["dry_run"]
        )
        try:
            with show_progress(enabled=not options["json"]) as progress:
                if options["undeclared"]:
                    reports = archive_undeclared_files(request, progress=progress)
                else:
                    reports = import_sources(sources, request, progress=progress, skip_withdrawn=not options["source"])
                listing = list_undeclared_files(request.legacy_dir) if options["all"] else Listing()
        except KeyboardInterrupt:
            self.stderr.write("stopped: the source being imported is unchanged; those before it are in")
            sys.exit(1)
        if options["json"]:
            sources_json = {report.source: report.as_json() for report in reports}
            printed: dict[str, Any] = {"status": _overall_status(reports), "sources": sources_json}
            if options["all"]:
                printed["undeclared"] = [file.as_json() for file in listing.files]
            self.stdout.write(json.dumps(printed))
        else:
            print_import_summary(reports, dry_run=request.dry_run)
            if options["undeclared"] and not reports:
                self.stdout.write("Every SQLite file in the legacy folder is a source's: there is nothing to archive.")
            if listing.sentence:
                self.stdout.write(listing.sentence)
        sys.exit(_EXIT_CODES[_overall_status(reports)])


def _overall_status(reports: list[SourceReport]) -> str:
    # The worst one: a failed source outweighs quarantined rows of another.
    statuses = {report.status for report in reports}
    return next((status for status in ("failed", "quarantined") if status in statuses), "completed")
