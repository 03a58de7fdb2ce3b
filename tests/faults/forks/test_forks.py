"""Processes forked while pools were open: a real cluster, and gunicorn's workers."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest

from tests.checkouts import OWN, Checkout, temporary_checkout

pytestmark = pytest.mark.faults

TASKS = 50
POOLED = {"DJANGO_SETTINGS_MODULE": "tests.faults.forks.pooled_settings"}

QUEUE_AND_WORK = f"""
import django, threading
django.setup()
from django_q.tasks import async_task
from django.core.management import call_command
from tests.faults.forks.tasks import echo

for number in range({TASKS}):
    async_task("tests.faults.forks.tasks.echo", number)
others = [threading.Thread(target=echo, args=[0]) for _ in range(3)]
for other in others:
    other.start()
call_command("qcluster")
"""

COUNT = """
import django, json
django.setup()
from django_q.models import OrmQ, Success, Failure
results = list(Success.objects.values_list("result", flat=True))
print(json.dumps([results, Failure.objects.count(), OrmQ.objects.count()]))
"""


@pytest.fixture(scope="module")
def checkout() -> Iterator[Checkout]:
    with temporary_checkout(OWN) as made:
        made.migrate()
        yield made


def test_a_cluster_forked_beside_open_pools_finishes_every_task(checkout: Checkout) -> None:
    with _running(checkout, "-c", QUEUE_AND_WORK):
        results, failures = _finished(checkout, seconds=60)

    assert sorted({numbers[0] for numbers in results}) == list(range(TASKS))
    assert all(len(set(numbers)) == 1 for numbers in results)
    assert (len(results), failures) == (TASKS, 0)


def test_web_workers_forked_beside_open_pools_answer_every_request(checkout: Checkout) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    gunicorn = (
        "import sys; from gunicorn.app.wsgiapp import run; "
        f"sys.argv = ['gunicorn', '--preload', '--workers', '2', '--threads', '8', '--bind', '127.0.0.1:{port}', "
        "'--no-control-socket', 'tests.faults.forks.preloaded:application']; run()"
    )
    with _running(checkout, "-c", gunicorn):
        _wait_for(port)
        answers = _ask(port, range(1, 401))

    assert [said for said, _ in answers] == [f"[{number}]" for number in range(1, 401)]
    assert len({process for _, process in answers}) == 2


@contextmanager
def _running(checkout: Checkout, *arguments: str) -> Iterator[None]:
    process = checkout.start(*arguments, **POOLED)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        print("".join(process.communicate()))  # noqa: T201  # pytest shows it where the test failed


def _finished(checkout: Checkout, *, seconds: float) -> tuple[list[list[int]], int]:
    deadline = time.monotonic() + seconds
    while True:
        results, failures, left = json.loads(
            checkout.run("-c", COUNT, DJANGO_SETTINGS_MODULE="synapse.settings").stdout
        )
        all_told = len(results) + failures >= TASKS and not left  # at first nothing is queued
        if all_told or time.monotonic() > deadline:
            return results, failures
        time.sleep(0.2)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with suppress(OSError):
            _get(port, 0)
            return
        time.sleep(0.1)


def _ask(port: int, numbers: range) -> list[tuple[str, str]]:
    threads = ThreadPoolExecutor(16)
    try:
        return list(threads.map(lambda number: _get(port, number), numbers))
    finally:
        threads.shutdown(cancel_futures=True)


def _get(port: int, number: int) -> tuple[str, str]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{number}", timeout=10) as response:
        said, process = response.read().decode().split()
    return said, process
