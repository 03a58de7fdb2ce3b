"""What lies in a source's backup folder: its snapshots with their manifests, and what does not belong there."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, get_args

from legacy_import.pipeline.snapshot.live_file import JournalMode
from legacy_import.pipeline.snapshot.snapshot import SNAPSHOT_NAME

DAMAGED_PREFIX: Final = "damaged-"
"""Folders with the bytes of a live file that was too damaged for a snapshot when it was replaced."""
TIME_FORMAT: Final = "%Y%m%dT%H%M%S%fZ"
_OWN_PREFIXES: Final = (".lock", ".partial-", ".unkept-", DAMAGED_PREFIX)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was written down when the snapshot was taken."""

    sha256: str
    size_bytes: int
    journal_mode: JournalMode
    """The live file's at that time; the snapshot itself is in rollback mode."""
    last_seen_at: datetime
    """When an import or a restore last found the live file like this."""
    before_restore: bool
    """True where a restore took it of the file it was about to replace, and no import has read it."""


@dataclass(frozen=True, slots=True)
class KeptSnapshot:
    """One snapshot by its name; its file or its manifest may be missing."""

    source: str
    path: Path
    taken_at: datetime
    manifest: Manifest | None
    """None where it cannot be read; `manifest_problem` says why."""
    manifest_problem: str = ""

    @property
    def manifest_path(self) -> Path:
        """The manifest beside the file."""
        return self.path.with_suffix(".json")

    @property
    def is_before_restore(self) -> bool:
        """Whether only a restore took it, of what it replaced."""
        return self.manifest is not None and self.manifest.before_restore

    @property
    def last_seen_at(self) -> datetime:
        """When the live file was last seen like this, as far as is known."""
        return self.manifest.last_seen_at if self.manifest else self.taken_at

    @property
    def size_bytes(self) -> int:
        """The file's size now, 0 where it is missing."""
        return self.path.stat().st_size if self.path.is_file() else 0


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One source's backup folder; the newest snapshot comes first."""

    source: str
    directory: Path
    snapshots: tuple[KeptSnapshot, ...]
    strays: tuple[Path, ...]
    """Files that neither belong to a snapshot nor are a running program's."""


def read_catalogue(source: str, directory: Path) -> Catalogue:
    """Return what lies in the folder; one that does not exist is empty. Reads names and manifests only."""
    paths = sorted(directory.iterdir()) if directory.is_dir() else []
    mine = [path for path in paths if path.suffix in {".db", ".json"} and _taken_at(path.stem)]
    files = sorted({path.with_suffix(".db") for path in mine}, reverse=True)
    strays = [path for path in paths if path not in mine and not path.name.startswith(_OWN_PREFIXES)]
    return Catalogue(source, directory, tuple(_snapshots(source, files)), tuple(strays))


def name_time(text: str) -> datetime | None:
    """Return the time a name begins with, None where it begins with none."""
    try:
        return datetime.strptime(text[:22], TIME_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None


def _taken_at(stem: str) -> datetime | None:
    return name_time(stem) if SNAPSHOT_NAME.fullmatch(stem) else None


def _snapshots(source: str, files: list[Path]) -> Iterator[KeptSnapshot]:
    for path in files:
        taken_at = _taken_at(path.stem)
        assert taken_at is not None  # noqa: S101 - only such names come here
        manifest, problem = _read_manifest(path.with_suffix(".json"), taken_at)
        yield KeptSnapshot(source, path, taken_at, manifest, problem)


def _read_manifest(path: Path, taken_at: datetime) -> tuple[Manifest | None, str]:
    """Return the manifest, or None and what is wrong with it."""
    try:
        found = json.loads(path.read_text())
        manifest = Manifest(
            sha256=str(found["sha256"]),
            size_bytes=int(found["size_bytes"]),
            journal_mode=found["journal_mode"],
            last_seen_at=aware(found.get("last_seen_at", found["taken_at"])),
            before_restore=found.get("before_restore") is True,
        )
        names = (aware(found["taken_at"]), manifest.sha256[:12])
    except FileNotFoundError:
        return None, "it has no manifest"
    except OSError as error:
        return None, f"its manifest cannot be read: {(error.strerror or str(error)).lower()}"
    except (ValueError, TypeError, KeyError, AttributeError):
        return None, "its manifest is unreadable"
    if manifest.journal_mode not in get_args(JournalMode) or names != (taken_at, path.stem[-12:]):
        return None, "its manifest is another snapshot's, or was edited"
    return manifest, ""


def aware(text: str) -> datetime:
    """Return the manifest's time; raises ValueError where it has no offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment
