"""A kept backup: a file that is named by its time and checksum, with a JSON manifest beside it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Generic, TypeVar

from legacy_import.pipeline.snapshot.snapshot import SNAPSHOT_NAME

NAME_TIME_FORMAT: Final = "%Y%m%dT%H%M%S%fZ"
"""In UTC, so that names sort by time."""
_NAME_TIME_LENGTH: Final = len("20260304T050607000089Z")
CHECKSUM_LENGTH: Final = 12
"""So many hexadecimal digits of the SHA-256 end a backup's name."""


@dataclass(frozen=True, slots=True)
class Manifest(ABC):
    """What was recorded when a backup was taken; each kind adds its own fields."""

    sha256: str
    size_bytes: int

    @abstractmethod
    def matches_origin(self, origin: str) -> bool:
        """Say whether this can be the manifest of a backup of that source or database."""


ManifestT = TypeVar("ManifestT", bound=Manifest)


@dataclass(frozen=True, slots=True)
class KeptBackup(Generic[ManifestT]):
    """One backup by its name; its file or its manifest may be missing."""

    origin: str
    """The source or the database that it is a backup of."""
    path: Path
    taken_at: datetime
    manifest: ManifestT | None
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
    def last_seen_at(self) -> datetime:
        """When the original was last known to be in this state; retention counts from here."""
        return self.taken_at

    @property
    def is_before_restore(self) -> bool:
        """Whether a restore took it, of what it was about to replace."""
        return False


def parse_name_time(text: str) -> datetime | None:
    """Return the time a name begins with, None where it begins with none."""
    try:
        return datetime.strptime(text[:_NAME_TIME_LENGTH], NAME_TIME_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None


def parse_backup_stem(stem: str) -> datetime | None:
    """Return when the backup of that name, without its suffix, was taken; None where it is no backup's name."""
    return parse_name_time(stem) if SNAPSHOT_NAME.fullmatch(stem) else None


def backup_stem(taken_at: datetime, sha256: str) -> str:
    """Return the name, without its suffix, of a backup that was taken then."""
    return f"{taken_at.astimezone(UTC).strftime(NAME_TIME_FORMAT)}-{sha256[:CHECKSUM_LENGTH]}"
