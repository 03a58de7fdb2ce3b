"""Whether a dump is still what it was: its bytes against the manifest, its table of contents by pg_restore."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from legacy_import.backups.checking import byte_problem
from legacy_import.backups.dumps.catalogue import DumpCatalogue, KeptDump
from legacy_import.backups.dumps.client import run_program
from legacy_import.backups.dumps.programs import ProgramError, newest_programs
from legacy_import.errors import TerminalError

Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class DumpFinding:
    """One thing that is wrong: in which file of which database, and what to do."""

    database: str
    path: Path
    problem: str
    fix: str

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}; {self.fix}"

    def as_json(self) -> dict[str, Any]:
        """Return the finding in the shape of the command line's contract."""
        return {"database": self.database, "path": str(self.path), "problem": self.problem, "fix": self.fix}


def check_dumps(catalogue: DumpCatalogue, *, advance: Advance = lambda _bytes: None) -> Iterator[DumpFinding]:
    """Yield what is wrong in the folder; advance gets the bytes that have been read. Raises ProgramError."""
    for dump in catalogue.dumps:
        finding = check_dump(dump, advance=advance)
        if finding:
            yield finding
    for path in catalogue.strays:
        yield DumpFinding(
            catalogue.database, path, "it does not belong here", "move it elsewhere: nothing here reads it"
        )


def check_dump(dump: KeptDump, *, advance: Advance = lambda _bytes: None) -> DumpFinding | None:
    """Return what is wrong with the dump, None where it is sound.

    Raises ProgramError where there is no pg_restore to ask.
    """
    manifest = dump.manifest
    if manifest is None:
        return DumpFinding(dump.database, dump.manifest_path, dump.manifest_problem, _bring_back(dump))
    problem = byte_problem(dump.path, sha256=manifest.sha256, size_bytes=manifest.size_bytes, advance=advance)
    problem = problem or _contents_problem(dump.path)
    return DumpFinding(dump.database, dump.path, problem, _bring_back(dump)) if problem else None


def checked(dump: KeptDump) -> KeptDump:
    """Return the dump if it is what was taken. Raises TerminalError where it can't be trusted."""
    finding = check_dump(dump)
    if finding:
        raise TerminalError(f"Nothing was restored: {finding}; or restore an earlier one with --at.")
    return dump


def _contents_problem(path: Path) -> str:
    program = newest_programs().program_path("pg_restore")
    try:
        run_program(program, ["--list", path])
    except ProgramError as error:
        return f"PostgreSQL can't read it: {error}"
    return ""


def _bring_back(dump: KeptDump) -> str:
    return (
        "bring it back from a copy of the backup folder, or move the dump away with its manifest"
        f" and run backups dump --database={dump.database} for a fresh one"
    )
