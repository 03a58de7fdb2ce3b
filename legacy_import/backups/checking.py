"""Whether a snapshot is still what it was: its bytes against the manifest, its structure by SQLite.

What lives here: the checks and what to do about each finding. What does not: repairing anything.
"""

import hashlib
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from legacy_import.backups.catalogue import Catalogue, KeptSnapshot

_BLOCK_BYTES: Final = 1024 * 1024
_DATA_REMARK: Final = re.compile(r"(?:NULL|NUMERIC|TEXT|non-\w+) value in |CHECK constraint failed in ")
"""Integrity_check says these of values: the legacy rows are like that, and the judge sorts them."""
_INDEX_REMARK: Final = re.compile(
    r"row \d+ missing from index |wrong # of entries in index |non-unique entry in index "
)

Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: in which file, and what to do."""

    source: str
    path: Path
    problem: str
    fix: str
    faithful: bool = False
    """True where the bytes are as they were taken: the legacy file had the flaw already."""

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}; {self.fix}"

    def as_json(self) -> dict[str, Any]:
        """Return the finding in the shape of the command line's contract."""
        return {"source": self.source, "path": str(self.path), "problem": self.problem, "fix": self.fix}


def check_catalogue(catalogue: Catalogue, *, advance: Advance = lambda _bytes: None) -> Iterator[Finding]:
    """Yield what is wrong in the folder; advance gets the bytes that have been read."""
    for snapshot in catalogue.snapshots:
        finding = check_snapshot(snapshot, advance=advance)
        if finding:
            yield finding
    for path in catalogue.strays:
        yield Finding(catalogue.source, path, "it does not belong here", "move it elsewhere: nothing here reads it")


def check_snapshot(snapshot: KeptSnapshot, *, advance: Advance = lambda _bytes: None) -> Finding | None:
    """Return what is wrong with the snapshot, the gravest first; None where it is sound."""
    manifest = snapshot.manifest
    if manifest is None:
        return Finding(snapshot.source, snapshot.manifest_path, snapshot.manifest_problem, _bring_back(snapshot))
    problem = byte_problem(snapshot.path, sha256=manifest.sha256, size_bytes=manifest.size_bytes, advance=advance)
    if problem:
        return Finding(snapshot.source, snapshot.path, problem, _bring_back(snapshot))
    return _structure_finding(snapshot)


def _bring_back(snapshot: KeptSnapshot) -> str:
    return (
        "bring it back from a copy of the backup folder, or move the snapshot away with its manifest"
        f" and run import_legacy --source={snapshot.source} for a fresh one"
    )


def byte_problem(path: Path, *, sha256: str, size_bytes: int, advance: Advance = lambda _bytes: None) -> str:
    """Return how the file's bytes differ from what its manifest says; nothing where they don't."""
    try:
        size = path.stat().st_size
        if size < size_bytes:
            return f"it is truncated: {size:,} of {size_bytes:,} bytes are left"
        if size > size_bytes:
            return f"it has grown from {size_bytes:,} to {size:,} bytes"
        found = _checksum(path, advance)
    except FileNotFoundError:
        return "it is missing, its manifest is there"
    except OSError as error:
        return f"it cannot be read: {(error.strerror or str(error)).lower()}"
    if found != sha256:
        return f"its bytes have changed: SHA-256 {found[:12]}… instead of {sha256[:12]}…"
    return ""


def _checksum(path: Path, advance: Advance) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
            advance(len(block))
    return digest.hexdigest()


def _structure_finding(snapshot: KeptSnapshot) -> Finding | None:
    remarks = _structure_remarks(snapshot.path)
    grave = next((remark for remark in remarks if not _INDEX_REMARK.match(remark)), None)
    if grave:
        return Finding(snapshot.source, snapshot.path, f"SQLite finds it damaged: {grave[:80]}", _bring_back(snapshot))
    if remarks:
        problem = f"its bytes are as they were taken, but SQLite says: {remarks[0][:80]}"
        fix = "the legacy file has this flaw too: run REINDEX on it and import it again"
        return Finding(snapshot.source, snapshot.path, problem, fix, faithful=True)
    return None


def _structure_remarks(path: Path) -> list[str]:
    """Return what SQLite's integrity_check says of the file, less what it says of values."""
    # immutable: nothing may be made beside a snapshot, and no other program writes to one.
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        try:
            found = [str(remark) for (remark,) in connection.execute("PRAGMA integrity_check")]
        except sqlite3.Error as error:
            return [str(error)]
    lines = [remark.removeprefix("*** in database main ***").strip().splitlines()[0] for remark in found]
    return [line for line in lines if line != "ok" and not _DATA_REMARK.match(line)]
