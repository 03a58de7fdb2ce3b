"""Which PostgreSQL is run, and in which order it is searched for."""

import os
import sys
from pathlib import Path

import pytest

from synapse.foundation.embedded_postgres import EmbeddedPostgresError
from synapse.foundation.embedded_postgres.account import Account, own_account
from synapse.foundation.embedded_postgres.binaries import (
    Binaries,
    find_binaries,
    make_binaries_reachable,
    wheel_directory,
)


@pytest.fixture(autouse=True)
def no_folder_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SYNAPSE_PG_BIN", raising=False)


def write_programs(directory: Path, version: str) -> Path:
    """Write programs that answer the question for their version, and nothing else."""
    directory.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        (directory / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
        (directory / name).chmod(0o755)
    return directory


def test_wheel_is_taken() -> None:
    assert find_binaries().directory == wheel_directory()


def test_folder_named_goes_before_the_wheel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SYNAPSE_PG_BIN", str(write_programs(tmp_path / "bin", "17.2")))

    assert find_binaries() == Binaries(directory=tmp_path / "bin", version="17.2")


@pytest.mark.parametrize(("version", "major"), [("16.0", 16), ("17beta2", 17), ("18.6 (Debian 18.6-1)", 18)])
def test_version_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, major: int) -> None:
    monkeypatch.setenv("SYNAPSE_PG_BIN", str(write_programs(tmp_path / "bin", version)))

    assert find_binaries().major_version == major


def test_older_version_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SYNAPSE_PG_BIN", str(write_programs(tmp_path / "bin", "15.18")))

    with pytest.raises(EmbeddedPostgresError, match=r"PostgreSQL 15\.18 in .* is too old"):
        find_binaries()


def test_programs_that_do_not_run_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    programs = write_programs(tmp_path / "bin", "18.6")
    (programs / "postgres").write_bytes(b"\x7fELF for another machine")
    monkeypatch.setenv("SYNAPSE_PG_BIN", str(programs))

    with pytest.raises(EmbeddedPostgresError, match="no working postgres and initdb"):
        find_binaries()


def test_no_wheel_takes_the_newest_of_the_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "embedded_postgres", None)
    monkeypatch.setenv("PATH", str(write_programs(tmp_path / "bin", "99.1")), prepend=os.pathsep)

    assert find_binaries().version == "99.1"


def test_reachable_binaries_stay_where_they_are(tmp_path: Path) -> None:
    binaries = Binaries(directory=write_programs(tmp_path / "bin", "18.6"), version="18.6")

    assert make_binaries_reachable(binaries, account=own_account(), home=tmp_path) == binaries


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_unreachable_binaries_that_are_not_the_wheels_are_refused(tmp_path: Path) -> None:
    binaries = Binaries(directory=write_programs(tmp_path / "bin", "18.6"), version="18.6")
    tmp_path.chmod(0o700)
    nobody = Account(uid=65534, gid=65534, name="nobody", switch=True)

    with pytest.raises(EmbeddedPostgresError, match="nobody, who runs the server, can't reach"):
        make_binaries_reachable(binaries, account=nobody, home=tmp_path)
