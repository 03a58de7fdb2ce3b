"""What lies in a database's folder of dumps: the dumps with their manifests, and what killed programs left."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from legacy_import.backups.catalogue import aware, name_time
from legacy_import.pipeline.snapshot.snapshot import SNAPSHOT_NAME

FOLDER: Final = "databases"
"""Beside the sources' folders; no source is called this."""
PARTIAL_PREFIX: Final = ".partial-"
_OWN_PREFIXES: Final = (".lock", PARTIAL_PREFIX)


@dataclass(frozen=True, slots=True)
class DumpManifest:
    """What was written down when the dump was taken."""

    sha256: str
    size_bytes: int
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
    """The rows of every table, as `schema.table`."""

    @property
    def rows(self) -> int:
        """The rows of all tables."""
        return sum(self.tables.values())


@dataclass(frozen=True, slots=True)
class KeptDump:
    """One dump by its name; its file or its manifest may be missing."""

    database: str
    path: Path
    taken_at: datetime
    manifest: DumpManifest | None
    """None where it cannot be read; `manifest_problem` says why."""
    manifest_problem: str = ""

    @property
    def manifest_path(self) -> Path:
        """The manifest beside the file."""
        return self.path.with_suffix(".json")

    @property
    def size_bytes(self) -> int:
        """The file's size now, 0 where it is missing."""
        return self.path.stat().st_size if self.path.is_file() else 0

    @property
    def is_whole(self) -> bool:
        """Whether it is of the size its manifest says: cheap, and no proof as verifying is."""
        return self.manifest is not None and self.size_bytes == self.manifest.size_bytes

    def as_json(self) -> dict[str, Any]:
        """Return the dump in the shape of the command line's contract."""
        manifest = self.manifest
        return {
            "database": self.database,
            "path": str(self.path),
            "taken_at": self.taken_at.isoformat(),
            "size_bytes": self.size_bytes,
            "sha256": manifest.sha256 if manifest else None,
            "reason": manifest.reason if manifest else None,
            "requested_by": manifest.requested_by if manifest else None,
            "server_version": manifest.server_version if manifest else None,
            "rows": manifest.rows if manifest else None,
        }


@dataclass(frozen=True, slots=True)
class DumpCatalogue:
    """One database's dumps; the newest comes first."""

    database: str
    directory: Path
    dumps: tuple[KeptDump, ...]
    strays: tuple[Path, ...]
    """Files that neither belong to a dump nor are a running program's."""


def read_dumps(database: str, directory: Path) -> DumpCatalogue:
    """Return what lies in the database's folder; one that does not exist is empty. Reads names and manifests only."""
    paths = sorted(directory.iterdir()) if directory.is_dir() else []
    mine = [path for path in paths if path.suffix in {".dump", ".json"} and _taken_at(path.stem)]
    files = sorted({path.with_suffix(".dump") for path in mine}, reverse=True)
    strays = [path for path in paths if path not in mine and not path.name.startswith(_OWN_PREFIXES)]
    return DumpCatalogue(database, directory, tuple(_dumps(database, files)), tuple(strays))


def leftovers(directory: Path) -> Iterator[Path]:
    """Yield what killed dumps left in the directory; the caller holds its lock."""
    yield from directory.glob(f"{PARTIAL_PREFIX}*")
    for path in directory.glob("*.json"):
        if _taken_at(path.stem) and not path.with_suffix(".dump").exists():
            yield path


def _taken_at(stem: str) -> datetime | None:
    return name_time(stem) if SNAPSHOT_NAME.fullmatch(stem) else None


def _dumps(database: str, files: list[Path]) -> Iterator[KeptDump]:
    for path in files:
        taken_at = _taken_at(path.stem)
        assert taken_at is not None  # noqa: S101 - only such names come here
        manifest, problem = _read_manifest(path.with_suffix(".json"), database, taken_at)
        yield KeptDump(database, path, taken_at, manifest, problem)


def _read_manifest(path: Path, database: str, taken_at: datetime) -> tuple[DumpManifest | None, str]:
    """Return the manifest, or None and what is wrong with it."""
    try:
        found = json.loads(path.read_text())
        manifest = _manifest(found)
        names = (aware(found["taken_at"]), manifest.sha256[:12], manifest.database)
    except FileNotFoundError:
        return None, "it has no manifest"
    except OSError as error:
        return None, f"its manifest cannot be read: {(error.strerror or str(error)).lower()}"
    except (ValueError, TypeError, KeyError, AttributeError):
        return None, "its manifest is unreadable"
    if names != (taken_at, path.stem[-12:], database):
        return None, "its manifest is another dump's, or was edited"
    return manifest, ""


def _manifest(found: dict[str, Any]) -> DumpManifest:
    mark = found["change_mark"]
    return DumpManifest(
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
