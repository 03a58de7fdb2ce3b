"""What a kept snapshot is: its manifest, its name, and what killed programs leave in its folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self, get_args

from legacy_import.backups.backup_kind import BackupKind
from legacy_import.backups.catalogue import parse_manifest_time
from legacy_import.backups.kept_backup import KeptBackup, Manifest, parse_name_time
from legacy_import.backups.snapshots.integrity import find_structure_flaw
from legacy_import.pipeline.snapshot.live_file import JournalMode
from legacy_import.pipeline.snapshot.snapshot import find_abandoned_snapshots

DAMAGED_PREFIX: Final = "damaged-"
"""Folders with the bytes of a live file that was too damaged for a snapshot when it was replaced."""


@dataclass(frozen=True, slots=True)
class SnapshotManifest(Manifest):
    """What was recorded when the snapshot was taken."""

    journal_mode: JournalMode
    """The live file's at that time; the snapshot itself is in rollback mode."""
    last_seen_at: datetime
    """When an import or a restore last found the live file in this state."""
    before_restore: bool
    """True where a restore took it of the file it was about to replace, and no import has read it."""

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Self:
        """Return the manifest that a file holds. Raises ValueError, TypeError, KeyError or AttributeError."""
        return cls(
            sha256=str(found["sha256"]),
            size_bytes=int(found["size_bytes"]),
            journal_mode=found["journal_mode"],
            # Manifests written before there was a last_seen_at have the time of taking alone.
            last_seen_at=parse_manifest_time(found.get("last_seen_at", found["taken_at"])),
            before_restore=found.get("before_restore") is True,
        )

    def matches_origin(self, origin: str) -> bool:  # noqa: ARG002 - the manifest does not name its source
        """Say whether the manifest is one that this program writes."""
        return self.journal_mode in get_args(JournalMode)


@dataclass(frozen=True, slots=True)
class KeptSnapshot(KeptBackup[SnapshotManifest]):
    """One snapshot of a source's SQLite file."""

    @property
    def last_seen_at(self) -> datetime:
        """When the live file was last seen in this state, as far as is known."""
        return self.manifest.last_seen_at if self.manifest else self.taken_at

    @property
    def is_before_restore(self) -> bool:
        """Whether only a restore took it, of what it replaced."""
        return self.manifest is not None and self.manifest.before_restore


def find_abandoned_files(directory: Path, before: datetime) -> Iterator[Path]:
    """Yield what killed imports left, and damaged files set aside before that moment; the caller holds the lock."""
    yield from find_abandoned_snapshots(directory)
    for path in sorted(directory.glob(f"{DAMAGED_PREFIX}*")):
        taken_at = parse_name_time(path.name.removeprefix(DAMAGED_PREFIX))
        if taken_at and taken_at < before:
            yield path


SNAPSHOTS: Final = BackupKind(
    noun="snapshot",
    suffix=".db",
    backup_type=KeptSnapshot,
    work_prefixes=(".lock", ".partial-", ".unkept-", DAMAGED_PREFIX),
    parse_manifest=SnapshotManifest.from_json,
    find_content_flaw=lambda snapshot: find_structure_flaw(snapshot.path),
    find_abandoned=find_abandoned_files,
    taking_command=lambda source: f"import_legacy --source={source}",
)
