"""`manage.py export_legacy`: rebuild the legacy SQLite files from PostgreSQL alone. Exit 0, 1 failed, 2 usage."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from legacy_import.errors import LegacyImportError, UnknownSourceError
from legacy_import.management.contained_command import LegacyCommand
from legacy_import.services import export_sources
from legacy_import.sources import SOURCES
from legacy_import.undeclared.sources import archived_sources, find_source


class Command(LegacyCommand):
    help = "Rebuild legacy SQLite files from PostgreSQL alone, cell for cell, with the edits made here."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="where to write them")
        parser.add_argument("--source", metavar="NAME[,NAME]", help="only these; default: every imported source")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            names = [name.strip() for name in (options["source"] or "").split(",") if name.strip()]
            sources = tuple(map(find_source, names)) or (*SOURCES, *archived_sources())
        except UnknownSourceError as error:
            self.stderr.write(str(error))
            sys.exit(2)
        try:
            for file in export_sources(sources, options["output"], only_imported=not names):
                rows = ", ".join(f"{name} {count:,}" for name, count in file.rows.items())
                self.stdout.write(f"{file.source}: {file.path} ({rows})")
                for sentence in file.left_out:
                    self.stdout.write(f"{file.source}: {sentence}")
        except LegacyImportError as error:
            self.stderr.write(str(error))
            sys.exit(1)
