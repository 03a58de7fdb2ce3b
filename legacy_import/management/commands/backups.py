"""`manage.py backups list|verify|dump|restore|prune`: 30 days of snapshots and dumps. Exit 0, 1 failed, 2 usage."""

import json
import sys
from argparse import ArgumentParser
from typing import Any, NoReturn

from django.utils import timezone

from legacy_import.backups.dumps.client import database_name
from legacy_import.backups.pruning import MIN_RETENTION_DAYS
from legacy_import.errors import LegacyImportError, UnknownSourceError
from legacy_import.failures import contain_failure
from legacy_import.management.backup_arguments import HELP, BackupTargets, add_subcommands, choose_targets
from legacy_import.management.backup_lines import (
    dumped_line,
    no_dumps_message,
    no_snapshots_message,
    pruned_lines,
    restored_database_lines,
    restored_snapshot_lines,
)
from legacy_import.management.backup_output import (
    print_dump_table,
    print_snapshot_table,
    show_bytes_read,
    show_bytes_written,
)
from legacy_import.management.contained_command import LegacyCommand
from legacy_import.services import (
    BY_HAND,
    DAILY,
    DatabaseRestoreRequest,
    SnapshotRestoreRequest,
    dump_database,
    is_dump_due,
    list_dumps,
    list_snapshots,
    prune_dumps,
    prune_snapshots,
    restore_database,
    restore_snapshot,
    verify_dumps,
    verify_snapshots,
)
from legacy_import.services.undoing import prune_old_before_images


class Command(LegacyCommand):
    help = HELP

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_subcommands(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            meant = choose_targets(options.get("source") or "", options.get("database") or "")
        except UnknownSourceError as error:
            self._exit_with(str(error), 2)
        verbs = {
            "list": self._list_backups,
            "verify": self._verify_backups,
            "dump": self._dump_databases,
            "restore": self._restore_snapshot,
            "prune": self._prune_backups,
        }
        try:
            verbs[options["verb"]](meant, options)
        except LegacyImportError as error:
            self._exit_with(str(error), 1)

    def _list_backups(self, meant: BackupTargets, options: dict[str, Any]) -> None:
        entries, trouble = list_snapshots(meant.sources)
        dumps = list_dumps(meant.aliases)
        if options["json"]:
            snapshots = [entry.as_json() for entry in entries]
            self.stdout.write(json.dumps({"snapshots": snapshots, "dumps": [dump.as_json() for dump in dumps]}))
        else:
            if entries:
                print_snapshot_table(entries, timezone.now())
            elif meant.sources:
                self.stdout.write(no_snapshots_message(meant.sources))
            if dumps:
                print_dump_table(dumps, timezone.now())
            elif meant.aliases:
                self.stdout.write(no_dumps_message())
        if trouble:
            self.stderr.write(trouble)

    def _verify_backups(self, meant: BackupTargets, options: dict[str, Any]) -> None:
        with show_bytes_read(enabled=not options["json"]) as (begin, advance):
            checked, findings = verify_snapshots(meant.sources, begin=begin, advance=advance)
            dumps, dump_findings = verify_dumps(meant.aliases, begin=begin, advance=advance)
        sound = not findings and not dump_findings
        if options["json"]:
            verdict = {
                "passed": sound,
                "checked": checked,
                "findings": [finding.as_json("source") for finding in findings],
                "dumps_checked": dumps,
                "dump_findings": [finding.as_json("database") for finding in dump_findings],
            }
            self.stdout.write(json.dumps(verdict))
        else:
            none = no_snapshots_message(meant.sources) if meant.sources else ""
            self._print_findings([f"{one.origin}: {one}" for one in findings], checked, "snapshots", none=none)
            none = no_dumps_message() if not meant.sources else ""
            self._print_findings([f"{one.origin}: {one}" for one in dump_findings], dumps, "dumps", none=none)
        sys.exit(0 if sound else 1)

    def _print_findings(self, findings: list[str], checked: int, kind: str, *, none: str) -> None:
        for finding in findings:
            self.stdout.write(finding)
        if findings:
            self.stdout.write(f"{len(findings)} found among {checked} {kind}")
        elif checked:
            self.stdout.write(f"all {checked} {kind} are sound")
        elif none:
            self.stdout.write(none)

    def _dump_databases(self, meant: BackupTargets, options: dict[str, Any]) -> None:
        if_due, failed = options["if_due"], False
        for alias in meant.aliases:
            if if_due and not is_dump_due(alias, timezone.now()):
                self.stdout.write(f"{database_name(alias)}: the last daily dump is fresh enough")
                continue
            # One that fails: the others are dumped all the same.
            with (
                contain_failure(database_name(alias)) as trouble,
                show_bytes_written(f"dumping {database_name(alias)}") as watch,
            ):
                reason = DAILY if if_due else BY_HAND
                dump = dump_database(alias, reason=reason, requested_by="the command line", watch=watch)
                self.stdout.write(dumped_line(dump))
            if trouble:
                self.stderr.write(trouble.sentence)
                failed = True
        if failed:
            sys.exit(1)

    def _restore_snapshot(self, meant: BackupTargets, options: dict[str, Any]) -> None:
        if options["database"]:
            self._restore_database(meant, options)
            return
        if len(meant.sources) != 1 or not options["source"]:
            self._exit_with("restore takes one source, or --database=NAME.", 2)
        if not options["output"] and not options["in_place"]:
            self._exit_with("restore takes --output DIR, or --in-place --force.", 2)
        if options["in_place"] != options["force"]:
            self._exit_with(
                "--in-place replaces the live file: say --force as well."
                if options["in_place"]
                else "--force goes with --in-place or --database only.",
                2,
            )
        (source,) = meant.sources
        request = SnapshotRestoreRequest(
            at=options["at"],
            zone=timezone.get_current_timezone(),
            output=options["output"],
            legacy_dir=options["legacy_dir"],
        )
        for line in restored_snapshot_lines(source, restore_snapshot(source, request, now=timezone.now())):
            self.stdout.write(line)

    def _restore_database(self, meant: BackupTargets, options: dict[str, Any]) -> None:
        if len(meant.aliases) != 1 or options["source"] or options["output"] or options["in_place"]:
            self._exit_with("restore --database takes one database, and neither a source nor a place.", 2)
        (alias,) = meant.aliases
        request = DatabaseRestoreRequest(
            alias=alias, at=options["at"], zone=timezone.get_current_timezone(), swap=options["force"]
        )
        with show_bytes_written(f"restoring {database_name(alias)}") as watch:
            restored = restore_database(request, now=timezone.now(), watch=lambda: watch(0))
        for line in restored_database_lines(alias, restored):
            self.stdout.write(line)

    def _prune_backups(self, meant: BackupTargets, options: dict[str, Any]) -> None:
        days, dry_run = options["days"], options["dry_run"]
        if days < MIN_RETENTION_DAYS:
            self._exit_with(f"Backups are kept for at least {MIN_RETENTION_DAYS} days, not {days}.", 2)
        now = timezone.now()
        pruned = prune_snapshots(meant.sources, days=days, dry_run=dry_run, legacy_dir=options["legacy_dir"], now=now)
        dumps = prune_dumps(meant.aliases, days=days, dry_run=dry_run, now=now)
        for line in pruned_lines(pruned, dumps, days=days, dry_run=dry_run):
            self.stdout.write(line)
        if not dry_run and (forgotten := prune_old_before_images(meant.aliases, days=days, now=now)):
            self.stdout.write(
                f"{forgotten:,} rows as imports found them removed: those imports can't be undone any more"
            )

    def _exit_with(self, sentence: str, code: int) -> NoReturn:
        self.stderr.write(sentence)
        sys.exit(code)
