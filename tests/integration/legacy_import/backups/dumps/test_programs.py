"""A pg_dump that can't serve is refused before it begins, in a sentence that says what to install."""

from pathlib import Path

import pytest

from legacy_import.backups.dumps.programs import (
    ProgramError,
    newest_programs,
    programs_to_dump,
    programs_to_restore,
)
from synapse.foundation.embedded_postgres.binaries import Binaries, find_binaries

# No database: what is asked is the folder.
_dropped_databases = pytest.fixture(autouse=True)(lambda: None)

DEBIANS = Path("/usr/lib/postgresql/15/bin")


def programs(folder: Path, version: str) -> Path:
    """Return a folder of programs of that version: the real ones where this machine has them."""
    if version.startswith("15") and (DEBIANS / "pg_dump").exists():
        return DEBIANS
    folder.mkdir()
    for name in ("pg_dump", "pg_restore"):
        (folder / name).write_text(f'#!/bin/sh\necho "{name} (PostgreSQL) {version}"\n')
        (folder / name).chmod(0o755)
    return folder


def test_an_older_one_than_the_server_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNAPSE_PG_BIN", str(programs(tmp_path / "15", "15.9")))

    with pytest.raises(ProgramError) as caught:
        programs_to_dump(18)

    assert "is older than the server, PostgreSQL 18." in str(caught.value)
    assert "Install the client programs of PostgreSQL 18 (on Debian postgresql-client-18)" in str(caught.value)
    assert "SYNAPSE_PG_BIN" in str(caught.value)


def test_none_at_all_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNAPSE_PG_BIN", str(tmp_path))

    with pytest.raises(ProgramError, match="No pg_dump and pg_restore were found"):
        programs_to_dump(18)
    with pytest.raises(ProgramError, match="No pg_dump and pg_restore were found"):
        newest_programs()


def test_client_programs_without_a_server_serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = programs(tmp_path / "99", "99.1 (Debian 99.1-1)")
    monkeypatch.setenv("SYNAPSE_PG_BIN", str(folder))

    assert programs_to_dump(18) == Binaries(directory=folder, version="99.1")
    assert programs_to_dump(18).major_version == 99


def test_the_wheels_own_serve_its_own_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SYNAPSE_PG_BIN", raising=False)
    binaries = find_binaries()

    for found in (programs_to_dump(binaries.major_version), programs_to_restore(binaries.major_version)):
        assert (found.major_version, found.program_path("pg_dump").exists()) == (binaries.major_version, True)


def test_a_restore_by_programs_too_new_for_the_server_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From 17 on pg_restore sets a parameter that 16 does not know, and would stop there."""
    monkeypatch.setenv("SYNAPSE_PG_BIN", str(programs(tmp_path / "17", "17.2")))

    assert programs_to_dump(16).major_version == 17
    assert programs_to_restore(18 - 1).major_version == 17
    with pytest.raises(ProgramError, match="too new for the server, PostgreSQL 16"):
        programs_to_restore(16)
