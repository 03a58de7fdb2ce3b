"""What is killed comes back, with its data."""

import os
import signal
import subprocess
import time
from contextlib import suppress

import pytest

from synapse.foundation.embedded_postgres.processes import find_orphans, is_alive
from tests.checkouts import Checkout, kill, wait_until

pytestmark = pytest.mark.faults

STARTS = 6


def keep_a_row(checkout: Checkout) -> None:
    checkout.query("CREATE TABLE kept AS SELECT 42 AS answer")


def test_kill_of_postmaster_recovers(checkout: Checkout) -> None:
    keep_a_row(checkout)
    kill(checkout.postmaster())

    assert checkout.query("SELECT answer FROM kept") == "42"


def test_kill_of_all_processes_recovers(checkout: Checkout) -> None:
    keep_a_row(checkout)
    postmaster = checkout.postmaster()
    # Stopped first, or it would start new children.
    os.kill(postmaster, signal.SIGSTOP)
    kill(postmaster, *find_orphans(checkout.data))

    assert checkout.query("SELECT answer FROM kept") == "42"


def test_kill_of_postmaster_under_a_busy_backend_recovers(checkout: Checkout) -> None:
    keep_a_row(checkout)
    # Computes for minutes and never looks whether its postmaster lives.
    with checkout.start("-c", BUSY) as busy:
        orphans: list[int] = []
        try:
            assert busy.stdout is not None
            assert busy.stdout.readline() == "busy\n"
            time.sleep(0.5)
            kill(checkout.postmaster())
            orphans = find_orphans(checkout.data)

            assert checkout.query("SELECT answer FROM kept") == "42"
        finally:
            busy.kill()
            for orphan in filter(is_alive, orphans):
                kill(orphan)


def test_kill_of_a_backend_is_waited_for(checkout: Checkout) -> None:
    keep_a_row(checkout)
    with checkout.start("-c", KILLED_BACKEND) as client:
        output, complaint = client.communicate(timeout=60)

    assert output == "42\n", complaint


@pytest.mark.parametrize("delay_seconds", [0.0, 0.05, 0.2])
def test_kill_during_initdb_starts_over(checkout: Checkout, delay_seconds: float) -> None:
    with checkout.start("-c", ENSURE) as first:
        wait_until(lambda: any(checkout.home.glob("pgdata.init-*/")))
        time.sleep(delay_seconds)
        kill_family(first.pid)

    assert checkout.query() == "1"
    checkout.run("postgres", "stop")
    assert checkout.query() == "1"
    assert list(checkout.home.glob("pgdata.init-*")) == []


def test_kill_of_the_start_only_leaves_the_next_one_alone(checkout: Checkout) -> None:
    with checkout.start("-c", ENSURE) as first:
        wait_until(lambda: any(checkout.home.glob("pgdata.init-*/")))
        first.kill()

    assert checkout.query() == "1"


def test_kill_while_the_server_starts_finds_it(checkout: Checkout) -> None:
    checkout.query()
    kill(checkout.postmaster())
    (checkout.data / "postmaster.pid").unlink()
    with checkout.start("-c", ENSURE) as second:
        wait_until((checkout.data / "postmaster.pid").exists)
        second.kill()

    assert checkout.query() == "1"


def test_six_starts_at_once_give_one_server(checkout: Checkout) -> None:
    starts = [checkout.start("-c", ENSURE) for _ in range(STARTS)]
    outcomes = [start.communicate(timeout=120) for start in starts]

    assert [start.returncode for start in starts] == [0] * STARTS, outcomes
    assert len({output for output, _ in outcomes}) == 1


def test_six_starts_at_once_after_a_kill_give_one_server(checkout: Checkout) -> None:
    checkout.query()
    kill(checkout.postmaster())

    test_six_starts_at_once_give_one_server(checkout)


def kill_family(pid: int) -> None:
    """Kill the process and all its descendants."""
    with suppress(ProcessLookupError):
        # Stopped first, or it would have more children meanwhile.
        os.kill(pid, signal.SIGSTOP)
        listing = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
        for child in listing.stdout.split():
            kill_family(int(child))
        os.kill(pid, signal.SIGKILL)


ENSURE = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "synapse.settings"
django.setup()
from synapse.foundation.embedded_postgres import ensure_server_running
print(ensure_server_running().port)
"""

KILLED_BACKEND = """
import os, signal, django
os.environ["DJANGO_SETTINGS_MODULE"] = "synapse.settings"
django.setup()
from django.db import connection
with connection._nodb_cursor() as cursor:
    os.kill(cursor.connection.info.backend_pid, signal.SIGKILL)
with connection._nodb_cursor() as cursor:
    cursor.execute("SELECT answer FROM kept")
    print(cursor.fetchone()[0])
"""
"""The server throws everybody out and recovers; its pid file says ready all the while."""

BUSY = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "synapse.settings"
django.setup()
from django.db import connection
with connection._nodb_cursor() as cursor:
    cursor.execute("SET max_parallel_workers_per_gather = 0")
    print("busy", flush=True)
    cursor.execute("SELECT count(*) FROM (SELECT generate_series(1, 9000000000)) AS streamed")
"""
