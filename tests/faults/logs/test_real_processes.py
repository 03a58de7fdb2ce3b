"""The log of real processes, gunicorn's and a cluster's: whole lines of JSON, and each event found by the id shown."""

import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from threading import Thread
from typing import IO, Any

import pytest

from tests.checkouts import OWN, Checkout, temporary_checkout
from tests.log_lines import only_event

pytestmark = pytest.mark.faults

JSON = {"SYNAPSE_LOG_FORMAT": "json", "SYNAPSE_LOG_LEVEL": "INFO", "DJANGO_SETTINGS_MODULE": "synapse.settings"}
PASSWORD = "a-password-of-ann"
HOSTILE = 'eve\r\n{"event": "login.succeeded"}\x1b[2J'

SETUP = "import django; django.setup(); from django.db import connection; "
MAKE_ANN = f"""{SETUP}
from django.contrib.auth.models import User
User.objects.create_superuser("ann", password="{PASSWORD}")
"""
# Pages and jobs that read posts fail from here on, as nobody foresaw.
BREAK_POSTS = SETUP + "connection.cursor().execute('ALTER TABLE posts RENAME TO posts_elsewhere')"
MEND_POSTS = SETUP + "connection.cursor().execute('ALTER TABLE posts_elsewhere RENAME TO posts')"
CONTAINED = f"""{SETUP}
from django.core.management import call_command
from legacy_import.services import importing
def fail(_): raise ZeroDivisionError("nobody foresaw this")
importing.import_fingerprint = fail
call_command("import_legacy", "--source=primary")
"""
QUEUE = f"""{SETUP}
import time
from synapse.kit.jobs.queueing import queue_run
from synapse.kit.jobs.models import JobRun
run = queue_run("aggregate-pipeline", requested_by="ann")
deadline = time.monotonic() + 60
while not JobRun.objects.filter(pk=run.pk).exclude(error="").exists() and time.monotonic() < deadline:
    time.sleep(0.1)
print(run.pk)
"""


@pytest.fixture(scope="module")
def checkout() -> Iterator[Checkout]:
    with temporary_checkout(OWN) as made:
        for arguments in (("migrate_all",), ("-c", MAKE_ANN)):
            done = made.run(*arguments, DJANGO_SETTINGS_MODULE="synapse.settings")
            assert done.returncode == 0, done.stderr
        yield made


@contextmanager
def broken_posts(checkout: Checkout) -> Iterator[None]:
    broken = checkout.run("-c", BREAK_POSTS, **JSON)
    assert broken.returncode == 0, broken.stderr
    try:
        yield
    finally:
        mended = checkout.run("-c", MEND_POSTS, **JSON)
    assert mended.returncode == 0, mended.stderr


def events_of(said: str) -> list[dict[str, Any]]:
    """Return the lines of standard error; each must be JSON."""
    return [json.loads(line) for line in said.splitlines()]


@dataclass
class Browser:
    """Asks the server as a browser does, with its cookies."""

    address: str
    cookies: CookieJar = field(default_factory=CookieJar)

    def ask(self, path: str, fields: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Return the status, the page and its request's id."""
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        if fields is not None:
            token = next(cookie.value for cookie in self.cookies if cookie.name == "csrftoken")
            fields = fields | {"csrfmiddlewaretoken": str(token)}
        data = None if fields is None else urllib.parse.urlencode(fields).encode()
        try:
            with opener.open(self.address + path, data, timeout=30) as answer:
                return answer.status, answer.read().decode(), answer.headers["X-Request-ID"]
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(), str(error.headers["X-Request-ID"])

    def sign_in(self, name: str, password: str) -> tuple[int, str, str]:
        """Send the sign-in page's form."""
        self.ask("/admin/login/")
        return self.ask("/admin/login/", {"username": name, "password": password})


@contextmanager
def running_server(checkout: Checkout) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Run gunicorn as deployed, with two processes; yield its address and a list that in the end has its lines."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["gunicorn", "synapse.wsgi:application", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
    command += ["--workers", "2", "--threads", "4", "--no-control-socket", "--access-logfile", "-"]
    code = f"import sys; sys.argv = {command!r}; from gunicorn.app.wsgiapp import run; run()"
    reader = Reader(checkout.start("-c", code, **JSON))
    events: list[dict[str, Any]] = []
    try:
        _wait_for(f"http://127.0.0.1:{port}/health/live")
        yield f"http://127.0.0.1:{port}", events
    finally:
        events += events_of(reader.end())


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(address, timeout=5):  # noqa: S310 - this machine's own
            return
        time.sleep(0.1)


class Reader:
    """Reads what a process writes while it runs, as a journal does: a full pipe would stop it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._said: dict[str, str] = {}
        streams = {"out": process.stdout, "error": process.stderr}
        self._threads = [Thread(target=self._read, args=stream) for stream in streams.items()]
        for thread in self._threads:
            thread.start()

    def _read(self, name: str, stream: IO[str]) -> None:
        with stream:
            self._said[name] = stream.read()

    def end(self) -> str:
        """End the process, and return what it wrote to standard error."""
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
        for thread in self._threads:
            thread.join()
        self._process.wait()
        return self._said["error"]


def _id_in(page: str) -> str:
    (found,) = re.findall(r"<strong class=\"(?:id|font-mono)\">([0-9a-f]{16})</strong>", page)
    return str(found)


def test_sign_ins_and_a_fault_of_the_server_are_found_by_the_ids_that_people_saw(checkout: Checkout) -> None:
    with running_server(checkout) as (address, events):
        browser = Browser(address)
        _, refused_page, _ = browser.sign_in("ann", "the wrong one")
        Browser(address).sign_in(HOSTILE, "x")
        _, _, signed_in = browser.sign_in("ann", PASSWORD)
        with broken_posts(checkout):
            status, fault_page, fault = browser.ask("/admin/business_core/post/?q=somebody")

    assert status == 500
    assert fault == _id_in(fault_page)
    failed = only_event([one for one in events if one.get("request_id") == fault], "request.failed")
    assert (failed["user"], failed["level"], failed["program"]) == ("ann", "error", "web")
    assert "Traceback (most recent call last)" in failed["traceback"]
    refused = only_event([one for one in events if one.get("request_id") == _id_in(refused_page)], "login.failed")
    assert (refused["account"], refused["address"]) == ("ann", "127.0.0.1")
    logins = [one for one in events if one["event"] == "login.succeeded"]
    assert [one["account"] for one in logins] == ["ann"]
    assert signed_in
    assert any(one["event"] == "login.failed" and one["account"] == HOSTILE for one in events)
    said = json.dumps(events)
    assert not any(secret in said for secret in (PASSWORD, "the wrong one", "somebody", "sessionid", "csrftoken"))


def test_gunicorns_own_lines_and_its_access_lines_are_json_with_the_id(checkout: Checkout) -> None:
    with running_server(checkout) as (address, events):
        _, _, request_id = Browser(address).ask("/admin/login/?next=/admin/secret-search/")

    assert any(one.get("logger") == "gunicorn.error" and "Booting worker" in one.get("message", "") for one in events)
    access = [one for one in events if one["event"] == "gunicorn.access" and one.get("request_id") == request_id]
    assert [(one["path"], one["status"]) for one in access] == [("/admin/login/", "200")]
    assert "secret-search" not in json.dumps(events)


def test_lines_of_many_threads_and_processes_do_not_mix(checkout: Checkout) -> None:
    with running_server(checkout) as (address, events), ThreadPoolExecutor(16) as threads:
        browser = Browser(address)
        browser.sign_in("ann", PASSWORD)
        with broken_posts(checkout):
            # Each logs a traceback of some 10 KB, more than a pipe keeps together.
            faults = [one[2] for one in threads.map(browser.ask, ["/admin/business_core/post/"] * 40)]

    failed = [one for one in events if one["event"] == "request.failed"]
    assert sorted(one["request_id"] for one in failed) == sorted(faults)
    assert len({one["process"] for one in failed}) == 2
    assert min(len(one["traceback"]) for one in failed) > 4_096


def test_a_job_that_failed_in_a_worker_is_found_by_its_runs_id(checkout: Checkout) -> None:
    reader = Reader(checkout.start("qcluster", **JSON))
    try:
        with broken_posts(checkout):
            queued = checkout.run("-c", QUEUE, **JSON)
    finally:
        said = reader.end()

    events = events_of(said)
    run_id = queued.stdout.strip()
    failed = [one for one in events if one["event"] == "job.failed" and one["run_id"] == run_id]
    assert [(one["job"], one["requested_by"], one["attempt"]) for one in failed] == [("aggregate-pipeline", "ann", 1)]
    assert "Traceback (most recent call last)" in failed[0]["traceback"]
    assert failed[0]["program"] == "qcluster"


def test_a_contained_exception_of_a_command_is_found_by_the_id_in_its_sentence(checkout: Checkout) -> None:
    done = checkout.run("-c", CONTAINED, **JSON)

    lines = [line for line in done.stderr.splitlines() if line.startswith("{")]
    contained = only_event([json.loads(line) for line in lines], "exception.contained")
    told = "\n".join([done.stdout, *(line for line in done.stderr.splitlines() if not line.startswith("{"))])
    assert done.returncode == 1
    assert contained["error_id"] in told
    assert "Traceback" not in told
    assert contained["source"] == "primary"


def test_a_local_command_keeps_the_traceback_off_the_terminal_and_in_the_file(checkout: Checkout) -> None:
    code = "import sys; sys.argv = ['manage.py', 'import_legacy']\n" + CONTAINED

    done = checkout.run("-c", code, DJANGO_SETTINGS_MODULE="synapse.settings")

    file = checkout.var_dir / "log" / "synapse.jsonl"
    contained = only_event([json.loads(line) for line in file.read_text().splitlines()], "exception.contained")
    assert "Traceback" in contained["traceback"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert contained["error_id"] in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
