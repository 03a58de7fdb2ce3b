"""What a kept dump is: its manifest, its name, its table of contents, and what a killed pg_dump leaves behind."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from legacy_import.backups.backup_kind import BackupKind, ContentFlaw
from legacy_import.backups.dumps.client import run_program
from legacy_import.backups.dumps.programs import ProgramError, newest_programs
from legacy_import.backups.kept_backup import KeptBackup, Manifest, parse_backup_stem

FOLDER: Final = "databases"
"""Beside the sources' folders; no source is called this."""
PARTIAL_PREFIX: Final = ".partial-"


@dataclass(frozen=True, slots=True)
class DumpManifest(Manifest):
    """What was recorded when the dump was taken."""

    database: str
    server_version: str
    program_version: str
    reason: str
    """daily, by hand, first import of a source, undo of a run …"""
    requested_by: str
    change_mark: int | None
    """The newest entry of the change log that is in the dump; None where the database has no such log yet."""
    database_size_bytes: int
    tables: dict[str, int]
    """The rows of every table, as `schema.table`; a restore is compared with them."""

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Self:
        """Return the manifest that a file holds. Raises ValueError, TypeError, KeyError or AttributeError."""
        mark = found["change_mark"]
        return cls(
            sha256=str(found["sha256"]),
            size_bytes=int(found["size_bytes"]),
            database=str(found["database"]),
            server_version=str(found["server_version"]),
            program_version=str(found["program_version"]),
            reason=str(found["reason"]),
            requested_by=str(found["requested_by"]),
            change_mark=None if mark is None else int(mark),
            database_size_bytes=int(found["database_size_bytes"]),
            tables={str(name): int(rows) for name, rows in found["tables"].items()},
        )

    @property
    def row_count(self) -> int:
        """The rows of all tables."""
        return sum(self.tables.values())

    def matches_origin(self, origin: str) -> bool:
        """Say whether the manifest is of that database."""
        return self.database == origin


@dataclass(frozen=True, slots=True)
class KeptDump(KeptBackup[DumpManifest]):
    """One dump of a database, in pg_dump's custom format."""

    @property
    def is_whole(self) -> bool:
        """Whether it is of the size its manifest says: cheap, and no proof as a checksum is."""
        return self.manifest is not None and self.size_bytes == self.manifest.size_bytes

    def as_json(self) -> dict[str, Any]:
        """Return the dump in the shape of the command line's contract."""
        manifest = self.manifest
        return {
            "database": self.origin,
            "path": str(self.path),
            "taken_at": self.taken_at.isoformat(),
            "size_bytes": self.size_bytes,
            "sha256": manifest.sha256 if manifest else None,
            "reason": manifest.reason if manifest else None,
            "requested_by": manifest.requested_by if manifest else None,
            "server_version": manifest.server_version if manifest else None,
            "rows": manifest.row_count if manifest else None,
        }


def find_abandoned_dumps(directory: Path) -> Iterator[Path]:
    """Yield what killed dumps left in the directory; the caller holds its lock."""
    yield from directory.glob(f"{PARTIAL_PREFIX}*")
    for path in directory.glob("*.json"):
        if parse_backup_stem(path.stem) and not path.with_suffix(".dump").exists():
            yield path


def find_contents_flaw(path: Path) -> ContentFlaw | None:
    """Return why pg_restore can't read the dump's table of contents, None where it can.

    Raises ProgramError where there is no pg_restore.
    """
    program = newest_programs().program_path("pg_restore")
    try:
        run_program(program, ["--list", path])
    except ProgramError as error:
        return ContentFlaw(f"PostgreSQL can't read it: {error}")
    return None


DUMPS: Final = BackupKind(
    noun="dump",
    suffix=".dump",
    backup_type=KeptDump,
    work_prefixes=(".lock", PARTIAL_PREFIX),
    parse_manifest=DumpManifest.from_json,
    find_content_flaw=lambda dump: find_contents_flaw(dump.path),
    find_abandoned=lambda directory, _before: find_abandoned_dumps(directory),
    taking_command=lambda database: f"backups dump --database={database}",
)
