"""`manage.py undo_import`: take back what an import did. Exit 0 done, 1 refused or failed, 2 usage."""

import getpass
import json
import sys
from argparse import ArgumentParser
from typing import Any, NoReturn
from uuid import UUID

from legacy_import.errors import LegacyImportError, UnknownSourceError
from legacy_import.management.contained_command import LegacyCommand
from legacy_import.services.undoing import (
    UndoReport,
    UndoRequest,
    describe_run,
    find_run,
    latest_import,
    undo_run,
)
from legacy_import.undeclared.sources import find_source

_MAX_LEFT_ROWS_SHOWN = 20


class Command(LegacyCommand):
    help = "Take back what an import did: wholly or not at all, except what people changed since; that is listed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", nargs="?", type=UUID, metavar="RUN_ID", help="the run's id, from its page")
        parser.add_argument("--source", metavar="NAME", help="the latest import of this source, instead of an id")
        parser.add_argument("--with-later", action="store_true", help="undo the later runs that stand on it as well")
        parser.add_argument("--dry-run", action="store_true", help="say what would go and what stays, change nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else; asks nothing")
        parser.add_argument("--no-input", action="store_true", help="do not ask for confirmation")

    def handle(self, *args: Any, **options: Any) -> None:
        if (options["run"] is None) == (options["source"] is None):
            self._exit_with("Name a run by its id, or a source by --source: one of the two.", 2)
        try:
            run = latest_import(options["source"]) if options["source"] else find_run(options["run"])
            request = UndoRequest(
                alias=find_source(run.source).database,
                run=run.pk,
                requested_by=getpass.getuser(),
                with_later=options["with_later"],
                dry_run=options["dry_run"],
            )
            if not (options["dry_run"] or options["json"] or options["no_input"]):
                self._confirm_undo(request)
            report = undo_run(request)
        except UnknownSourceError as error:
            self._exit_with(str(error), 2)
        except LegacyImportError as error:
            self._exit_with(str(error), 1)
        except KeyboardInterrupt:
            self._exit_with("stopped: nothing was undone", 1)
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": options["dry_run"], **report.as_json()}))
        else:
            self._print_report(report, dry_run=options["dry_run"])

    def _confirm_undo(self, request: UndoRequest) -> None:
        """Show what will go, and go on after a yes; without a terminal to answer on, say what to do."""
        if not sys.stdin.isatty():
            self._exit_with("Nobody is there to confirm: say --no-input, or look first with --dry-run.", 2)
        preview = UndoRequest(request.alias, request.run, request.requested_by, request.with_later, dry_run=True)
        self._print_report(undo_run(preview), dry_run=True)
        self.stdout.write("Undo this? Type yes: ", ending="")
        self.stdout.flush()
        if sys.stdin.readline().strip().lower() != "yes":
            self._exit_with("nothing was undone", 1)

    def _print_report(self, report: UndoReport, *, dry_run: bool) -> None:
        for undone in report.undone:
            self.stdout.write(f"{describe_run(undone.run)}: {'would be undone' if dry_run else 'undone'}")
            for sentence in (*undone.sentences(), *(one.sentence() for one in undone.left[:_MAX_LEFT_ROWS_SHOWN])):
                self.stdout.write(f"  {sentence}")
            if undone.left_count > _MAX_LEFT_ROWS_SHOWN:
                self.stdout.write(
                    f"  and {undone.left_count - _MAX_LEFT_ROWS_SHOWN:,} more that are left; --json lists 1,000"
                )
        if report.dump:
            self.stdout.write(f"The database as it was before lies in {report.dump}")

    def _exit_with(self, sentence: str, code: int) -> NoReturn:
        self.stderr.write(sentence)
        sys.exit(code)
