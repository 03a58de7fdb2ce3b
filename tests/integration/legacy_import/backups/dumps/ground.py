"""Folders of dumps made by the real pg_dump, looks into databases, and programs with words before them."""

import json
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from legacy_import.backups.catalogue import Catalogue, read_catalogue
from legacy_import.backups.dumps.client import MAINTENANCE, database_name, open_session
from legacy_import.backups.dumps.kind import DUMPS, KeptDump
from legacy_import.backups.dumps.taking import DumpOrder, take_dump
from synapse.foundation.embedded_postgres.binaries import find_binaries
from tests.integration.legacy_import.backups.folders import NOW

Facts = dict[str, list[Any]]

_SHAPE = {
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname !~ '^pg_'",
    "constraints": "SELECT conrelid::regclass::text || ' ' || conname || ' ' || pg_get_constraintdef(oid)"
    " FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
    "triggers": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "functions": "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    " AND prokind IN ('f', 'p')",
    "columns": "SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default)"
    " FROM information_schema.columns WHERE table_schema = 'public'",
    "sequences": "SELECT sequencename || ' ' || coalesce(last_value, 0) FROM pg_sequences",
}


class DumpGround:
    """The folder of the databases' dumps."""

    def __init__(self, backup_dir: Path) -> None:
        self.folder = backup_dir / "databases"

    def directory(self, alias: str = "default") -> Path:
        return self.folder / database_name(alias)

    def take(self, at: datetime = NOW, *, alias: str = "default", reason: str = "by hand") -> KeptDump:
        return take_dump(DumpOrder(alias, self.directory(alias), reason, "a test", at))

    def copy(self, dump: KeptDump, at: datetime) -> KeptDump:
        """Keep the dump a second time, as if it had been taken then: cheaper than taking it."""
        moment = at.astimezone(UTC)
        path = dump.path.with_name(f"{moment:%Y%m%dT%H%M%S%fZ}-{dump.path.stem[-12:]}.dump")
        path.write_bytes(dump.path.read_bytes())
        words = json.loads(dump.manifest_path.read_text()) | {"taken_at": moment.isoformat()}
        path.with_suffix(".json").write_text(json.dumps(words))
        return next(one for one in self.catalogue().backups if one.path == path)

    def catalogue(self, alias: str = "default") -> Catalogue[KeptDump]:
        return read_catalogue(DUMPS, database_name(alias), self.directory(alias))

    def names(self, alias: str = "default") -> list[str]:
        return sorted(path.name for path in self.directory(alias).iterdir() if path.name != ".lock")


def everything(alias: str, *, database: str = "") -> Facts:
    """Return each row of each table and view, and the definitions, of the alias's database or of another one."""
    with open_session(alias, database=database) as connection, connection.cursor() as cursor:
        cursor.execute("SET timezone = 'UTC'")
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm')"
        )
        queries = {name: f'SELECT to_jsonb(t)::text FROM "{name}" AS t' for (name,) in cursor.fetchall()} | _SHAPE
        found = {}
        for name, query in queries.items():
            cursor.execute(query)
            found[name] = sorted(text for (text,) in cursor.fetchall())
    return found


def databases(alias: str = "default") -> set[str]:
    """Return what follows the live database's name in the names of those that come of it, their times left out."""
    live = database_name(alias)
    with open_session(alias, database=MAINTENANCE) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [live])
        return {name.removeprefix(live)[:-15] for (name,) in cursor.fetchall()}


class Wrapped:
    """A folder with shell scripts in the place of pg_dump and pg_restore; each runs the real one in the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._real = find_binaries()
        folder.mkdir()
        for name in ("pg_dump", "pg_restore"):
            self.before(name, "")

    def before(self, name: str, script: str) -> None:
        """Have the program run this shell script first."""
        path = self.folder / name
        real = shlex.quote(str(self._real.program_path(name)))
        # What asks for the version is only looking.
        path.write_text(
            f'#!/bin/bash\n[ "$1" = --version ] && exec {real} --version\nreal={real}\n{script}\nexec {real} "$@"\n'
        )
        path.chmod(0o755)
