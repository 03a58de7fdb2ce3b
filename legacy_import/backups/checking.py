"""Verifying backups: size and SHA-256 checksum against the manifest, then what is inside the file.

It reports findings, each with what to do; it repairs nothing.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from legacy_import.backups.backup_kind import BackupKind, BackupT
from legacy_import.backups.catalogue import Catalogue
from legacy_import.backups.kept_backup import Manifest
from legacy_import.errors import TerminalError

_BLOCK_BYTES: Final = 1024 * 1024

Advance = Callable[[int], None]
"""Gets the bytes that have been read since the last call."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: in which file, and what to do."""

    origin: str
    """The source or the database whose backup it is."""
    path: Path
    problem: str
    fix: str
    is_faithful: bool = False
    """True where the bytes are as they were taken: the original had the flaw already."""

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}; {self.fix}"

    def as_json(self, origin_key: str) -> dict[str, Any]:
        """Return the finding in the shape of the command line's contract."""
        return {origin_key: self.origin, "path": str(self.path), "problem": self.problem, "fix": self.fix}


def check_catalogue(catalogue: Catalogue[BackupT], *, advance: Advance = lambda _bytes: None) -> Iterator[Finding]:
    """Yield what is wrong in the folder. Raises ProgramError where there is no pg_restore to read a dump."""
    for backup in catalogue.backups:
        if finding := check_backup(catalogue.kind, backup, advance=advance):
            yield finding
    for path in catalogue.strays:
        yield Finding(catalogue.origin, path, "it does not belong here", "move it elsewhere: nothing here reads it")


def check_backup(
    kind: BackupKind[BackupT], backup: BackupT, *, advance: Advance = lambda _bytes: None
) -> Finding | None:
    """Return what is wrong with the backup, the gravest first; None where it is sound. Raises ProgramError."""
    bring_back = (
        f"bring it back from a copy of the backup folder, or move the {kind.noun} away with its manifest"
        f" and run {kind.taking_command(backup.origin)} for a fresh one"
    )
    if backup.manifest is None:
        return Finding(backup.origin, backup.manifest_path, backup.manifest_problem, bring_back)
    if problem := _find_byte_problem(backup.path, backup.manifest, advance):
        return Finding(backup.origin, backup.path, problem, bring_back)
    flaw = kind.find_content_flaw(backup)
    if flaw is None:
        return None
    return Finding(backup.origin, backup.path, flaw.problem, flaw.fix or bring_back, is_faithful=flaw.is_original)


def require_sound_backup(kind: BackupKind[BackupT], backup: BackupT) -> None:
    """Raise TerminalError where the backup is not what was taken, so that nothing is restored from it."""
    finding = check_backup(kind, backup)
    if finding and not finding.is_faithful:
        raise TerminalError(f"Nothing was restored: {finding}; or restore an earlier one with --at.")


def _find_byte_problem(path: Path, manifest: Manifest, advance: Advance) -> str:
    """Return how the file's bytes differ from what its manifest says; empty where they don't."""
    digest = hashlib.sha256()
    try:
        # The size first: it costs nothing, and "truncated" says more than a wrong checksum.
        size_bytes = path.stat().st_size
        if size_bytes < manifest.size_bytes:
            return f"it is truncated: {size_bytes:,} of {manifest.size_bytes:,} bytes are left"
        if size_bytes > manifest.size_bytes:
            return f"it has grown from {manifest.size_bytes:,} to {size_bytes:,} bytes"
        with path.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                digest.update(block)
                advance(len(block))
    except FileNotFoundError:
        return "it is missing, its manifest is there"
    except OSError as error:
        return f"it cannot be read: {(error.strerror or str(error)).lower()}"
    found, expected = digest.hexdigest(), manifest.sha256
    return "" if found == expected else f"its bytes have changed: SHA-256 {found[:12]}… instead of {expected[:12]}…"
