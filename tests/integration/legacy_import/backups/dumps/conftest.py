"""Databases to dump, what stands in for PostgreSQL's programs, and an end to every database a restore made."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections

from legacy_import.backups.dumps.client import MAINTENANCE, database_name, open_session
from synapse.foundation.databases import ALIASES
from tests.integration.legacy_import.backups.dumps.ground import DumpGround, Wrapped


@pytest.fixture
def dumps(backup_dir: Path) -> DumpGround:
    return DumpGround(backup_dir)


@pytest.fixture
def wrapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Wrapped:
    """Give a folder of PostgreSQL's programs whose pg_dump and pg_restore a test may put words before."""
    wrapped = Wrapped(tmp_path / "programs")
    monkeypatch.setenv("SYNAPSE_PG_BIN", str(wrapped.folder))
    return wrapped


@pytest.fixture(autouse=True)
def _dropped_databases(transactional_db: None) -> Iterator[None]:
    yield
    # A test that was made to rename a database's ground away must find it by its name again.
    for alias in ALIASES:
        connections[alias].close()
    live = [database_name(alias) for alias in ALIASES]
    with open_session(ALIASES[0], database=MAINTENANCE) as maintenance, maintenance.cursor() as cursor:
        cursor.execute(r"SELECT datname FROM pg_database WHERE datname ~ '_(restoring|restored|before)_\d{8}_\d{6}$'")
        for (name,) in cursor.fetchall():
            if any(name.startswith(one) for one in live):
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
