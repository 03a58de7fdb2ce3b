"""The command line of `manage.py backups`: its verbs and options, and which sources and databases they name."""

from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from legacy_import.backups.choosing import LATEST
from legacy_import.backups.pruning import MIN_RETENTION_DAYS
from legacy_import.mapping import Source
from legacy_import.services import find_database_alias
from legacy_import.sources import SOURCES
from legacy_import.undeclared.sources import find_source
from synapse.foundation.databases import ALIASES

HELP = (
    "The snapshots of the legacy files and the dumps of the databases: list them, verify them, put one back, remove"
    " those older than 30 days; dump the databases."
)


@dataclass(frozen=True, slots=True)
class BackupTargets:
    """The sources whose snapshots, and the aliases of the databases whose dumps, a verb is about."""

    sources: tuple[Source, ...]
    aliases: tuple[str, ...]


def choose_targets(sources: str, databases: str) -> BackupTargets:
    """Return what is meant: all where neither is named, else only what is. Raises UnknownSourceError."""
    named_sources = tuple(map(find_source, _split_names(sources)))
    named_aliases = tuple(dict.fromkeys(map(find_database_alias, _split_names(databases))))
    if named_sources or named_aliases:
        return BackupTargets(named_sources, named_aliases)
    return BackupTargets(SOURCES, ALIASES)


def _split_names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def add_subcommands(parser: ArgumentParser) -> None:
    """Declare the verbs and their options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="list|verify|dump|restore|prune")
    for verb, words in (("list", "show the backups"), ("verify", "check every backup's bytes and structure")):
        one = verbs.add_parser(verb, help=words)
        _add_target_options(one)
        one.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    dump = verbs.add_parser("dump", help="dump the databases with pg_dump")
    dump.add_argument("--database", metavar="NAME[,NAME]", default="", help="only these; default: all three")
    dump.add_argument("--if-due", action="store_true", help="only those without a daily dump of the last 20 hours")
    restore = verbs.add_parser("restore", help="put a snapshot or a dump back")
    restore.add_argument("source", metavar="SOURCE", nargs="?", default="", help="one source by name")
    restore.add_argument("--database", metavar="NAME", default="", help="one database instead, into a new one")
    restore.add_argument("--at", default=LATEST, metavar="TIMESTAMP", help="the state at that time; default: latest")
    where = restore.add_mutually_exclusive_group()
    where.add_argument("--output", type=Path, metavar="DIR", help="a folder; no file there is replaced")
    where.add_argument("--in-place", action="store_true", help="over the live file; needs --force")
    restore.add_argument("--force", action="store_true", help="yes, replace the live file or the live database")
    _add_legacy_dir_option(restore)
    prune = verbs.add_parser("prune", help="remove old backups and what killed programs left")
    _add_target_options(prune)
    prune.add_argument("--days", type=int, default=MIN_RETENTION_DAYS, help="keep this many days, 30 or more")
    prune.add_argument("--dry-run", action="store_true", help="say what would go, remove nothing")
    _add_legacy_dir_option(prune)


def _add_target_options(parser: ArgumentParser) -> None:
    parser.add_argument("--source", metavar="NAME[,NAME]", default="", help="only these snapshots; default: everything")
    parser.add_argument("--database", metavar="NAME[,NAME]", default="", help="only these dumps; default: everything")


def _add_legacy_dir_option(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--legacy-dir", type=Path, metavar="DIR", default=settings.LEGACY_DIR, help="where the live files lie"
    )
