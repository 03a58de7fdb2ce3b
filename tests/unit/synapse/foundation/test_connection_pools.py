"""The specification's pools, divided among the web server's processes; no other program has any."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from synapse.foundation.connection_pools import POOL_SIZES, with_pools
from synapse.foundation.databases import ALIASES
from tests.architecture.project_files import PROJECT

DATABASES = {alias: {"OPTIONS": {"application_name": alias}, "CONN_MAX_AGE": 60} for alias in ALIASES}


def _pools(*, processes: int, threads: int) -> dict[str, tuple[float, ...]]:
    made = with_pools(DATABASES, processes=processes, threads=threads)
    return {alias: tuple(database["OPTIONS"]["pool"].values()) for alias, database in made.items()}


def test_one_process_of_many_threads_has_the_specifications_sizes() -> None:
    assert _pools(processes=1, threads=32) == {
        "default": (20, 50, 30, 3600),
        "analytics": (15, 40, 60, 3600),
        "revenue": (10, 30, 60, 3600),
    }


def test_a_process_keeps_no_more_connections_than_it_has_threads() -> None:
    assert [kept for kept, *_ in _pools(processes=1, threads=8).values()] == [8, 8, 8]


@pytest.mark.parametrize("processes", range(1, 60))
def test_all_processes_together_stay_within_the_sizes(processes: int) -> None:
    for alias, (kept, most, *_) in _pools(processes=processes, threads=32).items():
        size = POOL_SIZES[alias]
        assert 1 <= kept <= most
        assert processes * kept <= max(size.kept, processes)
        assert processes * most <= max(size.kept + size.overflow, processes)


def test_threads_keep_no_connections_beside_a_pool_and_other_options_stay() -> None:
    made = with_pools(DATABASES, processes=1, threads=8)

    assert {database["CONN_MAX_AGE"] for database in made.values()} == {0}
    assert made["revenue"]["OPTIONS"]["application_name"] == "revenue"
    assert "pool" not in DATABASES["revenue"]["OPTIONS"]  # type: ignore[operator]


PRODUCTION = {
    "SYNAPSE_ENVIRONMENT": "production",
    "SECRET_KEY": "k" * 60,
    "ALLOWED_HOSTS": "synapse.example.com",
    "DATABASE_URL": "postgresql://db.example/core",
    "ANALYTICS_DATABASE_URL": "postgresql://db.example/analytics",
    "REVENUE_DATABASE_URL": "postgresql://db.example/revenue",
}
WEB, COMMAND = "synapse.wsgi", "synapse.foundation.router"


@pytest.mark.parametrize(
    ("program", "variables", "has_pools"),
    [
        (WEB, PRODUCTION, True),
        (COMMAND, PRODUCTION, False),
        (WEB, {**PRODUCTION, "DATABASE_POOLS": "off"}, False),
        (WEB, {**PRODUCTION, "DATABASE_BEHIND_PGBOUNCER": "true"}, False),
        (WEB, {}, False),
        (WEB, {"DATABASE_POOLS": "on"}, True),
        (COMMAND, {"DATABASE_POOLS": "on"}, False),
    ],
)
def test_which_programs_share_connections(
    program: str, variables: dict[str, str], tmp_path: Path, *, has_pools: bool
) -> None:
    code = (
        f"import {program}\nfrom django.conf import settings\nprint('pool' in settings.DATABASES['default']['OPTIONS'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env={
            "PATH": os.environ["PATH"],
            "SYNAPSE_VAR_DIR": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "synapse.settings",
            **variables,
        },
        capture_output=True,
        check=False,
        text=True,
    )

    assert (done.returncode, done.stdout.strip()) == (0, str(has_pools)), done.stderr
