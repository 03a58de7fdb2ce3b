"""A pid file is only believed where its server lives."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from synapse.foundation.embedded_postgres.processes import is_alive
from tests.checkouts import Checkout, kill, temporary_checkout, wait_until

pytestmark = pytest.mark.faults


@pytest.fixture
def killed(checkout: Checkout) -> Checkout:
    """Return a checkout whose postmaster was killed, so that its pid file stands."""
    checkout.query("CREATE TABLE kept AS SELECT 42 AS answer")
    kill(checkout.postmaster())
    return checkout


@pytest.fixture
def stranger(killed: Checkout) -> Iterator[int]:
    """Return a process of the server's account that is no postgres."""
    uid = killed.data.stat().st_uid if os.geteuid() == 0 else None
    with subprocess.Popen(["sleep", "300"], user=uid, cwd="/") as process:
        yield process.pid
        process.kill()


def pid_file(checkout: Checkout) -> Path:
    return checkout.data / "postmaster.pid"


def assert_recovers(checkout: Checkout) -> None:
    assert checkout.query("SELECT answer FROM kept") == "42"


def test_stale_pid_file_is_replaced(killed: Checkout) -> None:
    dead = killed.postmaster()

    assert_recovers(killed)
    assert killed.postmaster() != dead


def test_pid_reused_by_a_stranger_is_replaced(killed: Checkout, stranger: int) -> None:
    lines = pid_file(killed).read_text().splitlines(keepends=True)
    pid_file(killed).write_text("".join([f"{stranger}\n", *lines[1:]]))

    assert_recovers(killed)
    assert is_alive(stranger)


def test_pid_reused_by_another_checkouts_server_is_replaced(killed: Checkout, request: pytest.FixtureRequest) -> None:
    user = request.node.callspec.params["checkout"]
    with temporary_checkout(user) as other:
        other.query()
        lines = pid_file(killed).read_text().splitlines(keepends=True)
        pid_file(killed).write_text("".join([f"{other.postmaster()}\n", *lines[1:]]))

        assert_recovers(killed)
        assert other.query("SELECT to_regclass('kept')") == "None"


def test_empty_pid_file_is_replaced(killed: Checkout) -> None:
    pid_file(killed).write_text("")

    assert_recovers(killed)


@pytest.mark.parametrize("lines_left", [1, 3, 5])
def test_truncated_pid_file_is_replaced(killed: Checkout, stranger: int, lines_left: int) -> None:
    lines = [f"{stranger}\n", *pid_file(killed).read_text().splitlines(keepends=True)[1:]]
    pid_file(killed).write_text("".join(lines[:lines_left]))

    assert_recovers(killed)


def test_garbled_pid_file_is_replaced(killed: Checkout) -> None:
    pid_file(killed).write_bytes(b"\xff\x00\n-5\n" * 9)

    assert_recovers(killed)


@pytest.mark.parametrize("content", [None, "", "1\n"])
def test_living_server_that_lost_its_pid_file_is_replaced(checkout: Checkout, content: str | None) -> None:
    checkout.query("CREATE TABLE kept AS SELECT 42 AS answer")
    lost = checkout.postmaster()
    if content is None:
        pid_file(checkout).unlink()
    else:
        pid_file(checkout).write_text(content)

    assert_recovers(checkout)
    wait_until(lambda: not is_alive(lost))
    assert checkout.postmaster() != lost
