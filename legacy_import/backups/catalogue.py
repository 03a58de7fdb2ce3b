"""The catalogue of a backup folder: the backups with their manifests, and stray files.

It reads names and manifests only; `checking` reads the backups themselves.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Generic

from legacy_import.backups.backup_kind import BackupKind, BackupT
from legacy_import.backups.kept_backup import CHECKSUM_LENGTH, Manifest, parse_backup_stem


@dataclass(frozen=True, slots=True)
class Catalogue(Generic[BackupT]):
    """The backup folder of one source or database; the newest backup comes first."""

    kind: BackupKind[BackupT]
    origin: str
    directory: Path
    backups: tuple[BackupT, ...]
    strays: tuple[Path, ...]
    """Files that neither belong to a backup nor to a running program."""


def read_catalogue(kind: BackupKind[BackupT], origin: str, directory: Path) -> Catalogue[BackupT]:
    """Return what is in the folder; one that does not exist is empty. Raises OSError where it can't be read."""
    paths = sorted(directory.iterdir()) if directory.is_dir() else []
    # A manifest whose file is missing counts as a backup: checking reports it by its name.
    taken_at = {
        path: moment
        for path in paths
        if path.suffix in {kind.suffix, ".json"} and (moment := parse_backup_stem(path.stem))
    }
    files = {path.with_suffix(kind.suffix): moment for path, moment in taken_at.items()}
    backups = []
    for path, moment in sorted(files.items(), reverse=True):
        manifest, problem = _read_manifest(kind, origin, path.with_suffix(".json"), moment)
        backups.append(kind.backup_type(origin, path, moment, manifest, problem))
    strays = [path for path in paths if path not in taken_at and not path.name.startswith(kind.work_prefixes)]
    return Catalogue(kind, origin, directory, tuple(backups), tuple(strays))


def _read_manifest(kind: BackupKind[Any], origin: str, path: Path, taken_at: datetime) -> tuple[Manifest | None, str]:
    """Return the manifest, or None and what is wrong with it."""
    try:
        found = json.loads(path.read_text())
        manifest = kind.parse_manifest(found)
        named = (parse_manifest_time(found["taken_at"]), manifest.sha256[:CHECKSUM_LENGTH])
    except FileNotFoundError:
        return None, "it has no manifest"
    except OSError as error:
        return None, f"its manifest cannot be read: {(error.strerror or str(error)).lower()}"
    except (ValueError, TypeError, KeyError, AttributeError):
        return None, "its manifest is unreadable"
    if named != (taken_at, path.stem[-CHECKSUM_LENGTH:]) or not manifest.matches_origin(origin):
        return None, f"its manifest is another {kind.noun}'s, or was edited"
    return manifest, ""


def parse_manifest_time(text: str) -> datetime:
    """Return a manifest's time. Raises ValueError where it has no offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment
