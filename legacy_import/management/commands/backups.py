"""`manage.py backups list|verify|restore|prune`: the 30-day snapshots. Exit 0, 1 failed or damaged, 2 usage."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from legacy_import.backups.catalogue import KeptSnapshot
from legacy_import.backups.choosing import LATEST
from legacy_import.backups.pruning import LEAST_DAYS, Pruned
from legacy_import.errors import LegacyImportError, UnknownSourceError
from legacy_import.management.backup_drawing import backup_table, reading, size
from legacy_import.mapping import Source
from legacy_import.operations import (
    Restored,
    RestoreRequest,
    list_backups,
    prune_backups,
    restore_backup,
    verify_backups,
)
from legacy_import.sources import SOURCES, source_named


class Command(BaseCommand):
    help = "The snapshots of the legacy files: list them, verify them, put one back, remove those older than 30 days."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="list|verify|restore|prune")
        for verb, words in (("list", "show the snapshots"), ("verify", "check every snapshot's bytes and structure")):
            one = verbs.add_parser(verb, help=words)
            one.add_argument("--source", metavar="NAME[,NAME]", default="", help="only these; default: all")
            one.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        _add_restore(verbs.add_parser("restore", help="put a snapshot back"))
        prune = verbs.add_parser("prune", help="remove old snapshots and what killed programs left")
        prune.add_argument("--source", metavar="NAME[,NAME]", default="", help="only these; default: all")
        prune.add_argument("--days", type=int, default=LEAST_DAYS, help="keep this many days, 30 or more")
        prune.add_argument("--dry-run", action="store_true", help="say what would go, remove nothing")
        prune.add_argument(
            "--legacy-dir", type=Path, metavar="DIR", default=settings.LEGACY_DIR, help="where the live files lie"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            names = [name.strip() for name in options["source"].split(",") if name.strip()]
            sources = tuple(map(source_named, names)) or SOURCES
        except UnknownSourceError as error:
            self._leave(str(error), 2)
        verbs = {"list": self._list, "verify": self._verify, "restore": self._restore, "prune": self._prune}
        try:
            verbs[options["verb"]](sources, options)
        except LegacyImportError as error:
            self._leave(str(error), 1)

    def _list(self, sources: tuple[Source, ...], options: dict[str, Any]) -> None:
        entries, trouble = list_backups(sources)
        if options["json"]:
            self.stdout.write(json.dumps({"snapshots": [entry.as_json() for entry in entries]}))
        elif entries:
            backup_table(entries, timezone.now())
        else:
            self.stdout.write(_nothing_yet(sources))
        if trouble:
            self.stderr.write(trouble)

    def _verify(self, sources: tuple[Source, ...], options: dict[str, Any]) -> None:
        with reading(enabled=not options["json"]) as (begin, advance):
            checked, findings = verify_backups(sources, begin=begin, advance=advance)
        if options["json"]:
            found = [finding.as_json() for finding in findings]
            self.stdout.write(json.dumps({"passed": not findings, "checked": checked, "findings": found}))
        elif findings:
            for finding in findings:
                self.stdout.write(f"{finding.source}: {finding}")
            self.stdout.write(f"{len(findings)} found among {checked} snapshots")
        else:
            self.stdout.write(f"all {checked} snapshots are sound" if checked else _nothing_yet(sources))
        sys.exit(1 if findings else 0)

    def _restore(self, sources: tuple[Source, ...], options: dict[str, Any]) -> None:
        if len(sources) != 1:
            self._leave("restore takes one source.", 2)
        if options["in_place"] != options["force"]:
            self._leave(
                "--in-place replaces the live file: say --force as well."
                if options["in_place"]
                else "--force goes with --in-place only.",
                2,
            )
        request = RestoreRequest(
            at=options["at"],
            zone=timezone.get_current_timezone(),
            output=options["output"],
            legacy_dir=options["legacy_dir"],
        )
        for line in _restored_lines(sources[0], restore_backup(sources[0], request, now=timezone.now())):
            self.stdout.write(line)

    def _prune(self, sources: tuple[Source, ...], options: dict[str, Any]) -> None:
        days, dry_run = options["days"], options["dry_run"]
        if days < LEAST_DAYS:
            self._leave(f"Snapshots are kept for at least {LEAST_DAYS} days, not {days}.", 2)
        pruned = prune_backups(
            sources, days=days, dry_run=dry_run, legacy_dir=options["legacy_dir"], now=timezone.now()
        )
        for line in _pruned_lines(pruned, days=days, dry_run=dry_run):
            self.stdout.write(line)

    def _leave(self, sentence: str, code: int) -> NoReturn:
        self.stderr.write(sentence)
        sys.exit(code)


def _add_restore(parser: ArgumentParser) -> None:
    parser.add_argument("source", metavar="SOURCE", help="one source by name")
    parser.add_argument("--at", default=LATEST, metavar="TIMESTAMP", help="the state at that time; default: latest")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--output", type=Path, metavar="DIR", help="a folder; no file there is replaced")
    where.add_argument("--in-place", action="store_true", help="over the live file; needs --force")
    parser.add_argument("--force", action="store_true", help="yes, replace the live file")
    parser.add_argument(
        "--legacy-dir", type=Path, metavar="DIR", default=settings.LEGACY_DIR, help="where the live files lie"
    )


def _nothing_yet(sources: tuple[Source, ...]) -> str:
    which = f"--source={','.join(source.name for source in sources)}" if sources != SOURCES else "--all"
    return f"There are no snapshots in {settings.BACKUP_DIR} yet: import_legacy {which} takes one of each file."


def _taken(snapshot: KeptSnapshot) -> str:
    return f"{timezone.localtime(snapshot.taken_at):%Y-%m-%d %H:%M:%S}"


def _restored_lines(source: Source, restored: Restored) -> list[str]:
    put_back = f"{source.name}: {restored.path} is back as it was at {_taken(restored.snapshot)}"
    lines = [f"{put_back} ({size(restored.snapshot.size_bytes)}, from {restored.snapshot.path.name})"]
    if restored.replaced is None:
        return lines
    if restored.replaced.saved is None:
        lines.append(f"{source.name}: there was no file before")
    elif restored.replaced.damaged:
        lines.append(f"{source.name}: the file before was damaged; its bytes lie in {restored.replaced.saved}")
    else:
        lines.append(f"{source.name}: the file before lies in {restored.replaced.saved}")
    return [*lines, f"{source.name}: the next import takes over what differs"]


def _pruned_lines(pruned: list[Pruned], *, days: int, dry_run: bool) -> list[str]:
    would = "would be " if dry_run else ""
    lines = [f"{one.source}: left alone, {one.skipped}" for one in pruned if one.skipped]
    for one in pruned:
        lines += [f"{one.source}: {would}removed {path.name}" for path in (*one.snapshots, *one.leftovers)]
    snapshots = sum(len(one.snapshots) for one in pruned)
    freed = size(sum(one.freed_bytes for one in pruned))
    total = f"{snapshots} snapshot{'' if snapshots == 1 else 's'} older than {days} days {would}removed, {freed} freed"
    return [*lines, total if any(one.freed_bytes for one in pruned) else f"nothing is older than {days} days"]
