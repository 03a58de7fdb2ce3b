"""The command line of `manage.py backups`: what may be said, and which sources and databases it means."""

from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from legacy_import.backups.choosing import LATEST
from legacy_import.backups.pruning import MIN_RETENTION_DAYS
from legacy_import.mapping import Source
from legacy_import.services import alias_named
from legacy_import.sources import SOURCES, source_named
from synapse.foundation.databases import ALIASES

HELP = (
    "The snapshots of the legacy files and the dumps of the databases: list them, verify them, put one back, remove"
    " those older than 30 days; dump the databases."
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The sources whose snapshots, and the aliases of the databases whose dumps, a verb is about."""

    sources: tuple[Source, ...]
    aliases: tuple[str, ...]


def chosen(sources: str, databases: str) -> Chosen:
    """Return what is meant: all where neither is named, else only what is. Raises UnknownSourceError."""
    named_sources = tuple(map(source_named, _names(sources)))
    named_aliases = tuple(dict.fromkeys(map(alias_named, _names(databases))))
    if named_sources or named_aliases:
        return Chosen(named_sources, named_aliases)
    return Chosen(SOURCES, ALIASES)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def add_verbs(parser: ArgumentParser) -> None:
    """Declare the verbs and their options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="list|verify|dump|restore|prune")
    for verb, words in (("list", "show the backups"), ("verify", "check every backup's bytes and structure")):
        one = verbs.add_parser(verb, help=words)
        _add_choice(one)
        one.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    _add_dump(verbs.add_parser("dump", help="dump the databases with pg_dump"))
    _add_restore(verbs.add_parser("restore", help="put a snapshot or a dump back"))
    _add_prune(verbs.add_parser("prune", help="remove old backups and what killed programs left"))


def _add_choice(parser: ArgumentParser) -> None:
    parser.add_argument("--source", metavar="NAME[,NAME]", default="", help="only these snapshots; default: everything")
    parser.add_argument("--database", metavar="NAME[,NAME]", default="", help="only these dumps; default: everything")


def _add_dump(parser: ArgumentParser) -> None:
    parser.add_argument("--database", metavar="NAME[,NAME]", default="", help="only these; default: all three")
    parser.add_argument("--if-due", action="store_true", help="only those without a daily dump of the last 20 hours")


def _add_restore(parser: ArgumentParser) -> None:
    parser.add_argument("source", metavar="SOURCE", nargs="?", default="", help="one source by name")
    parser.add_argument("--database", metavar="NAME", default="", help="one database instead, into a new one")
    parser.add_argument("--at", default=LATEST, metavar="TIMESTAMP", help="the state at that time; default: latest")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--output", type=Path, metavar="DIR", help="a folder; no file there is replaced")
    where.add_argument("--in-place", action="store_true", help="over the live file; needs --force")
    parser.add_argument("--force", action="store_true", help="yes, replace the live file or the live database")
    _add_legacy_dir(parser)


def _add_prune(parser: ArgumentParser) -> None:
    _add_choice(parser)
    parser.add_argument("--days", type=int, default=MIN_RETENTION_DAYS, help="keep this many days, 30 or more")
    parser.add_argument("--dry-run", action="store_true", help="say what would go, remove nothing")
    _add_legacy_dir(parser)


def _add_legacy_dir(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--legacy-dir", type=Path, metavar="DIR", default=settings.LEGACY_DIR, help="where the live files lie"
    )
