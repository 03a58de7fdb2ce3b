"""Behind a real PgBouncer in transaction mode, whose three sessions per database 24 windows and two commands share."""

import json
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from synapse.foundation.databases import ALIASES, DATABASE_NAMES
from synapse.foundation.processes.web_address import wait_for_answer
from tests.checkouts import OWN, Checkout, temporary_checkout
from tests.faults.pgbouncer.bouncer import POOL_SIZE, WATCHER, Bouncer, bouncer_program, free_port, running_bouncer
from tests.faults.pgbouncer.visitors import Visitor
from tests.integration.synapse.kit.admin.browser_form import submitted

pytestmark = pytest.mark.faults

WINDOWS = 24
EDITS = 2
PASSWORD = "correct horse battery staple"
PEOPLE = ("ada", "grace", "edsger", "barbara")

MAKE_ROWS = f"""
import django, json
django.setup()
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from tests.factories import make_content_pattern, make_inquiry, make_post

password = make_password({PASSWORD!r})
User.objects.bulk_create(
    User(username=name, password=password, is_staff=True, is_superuser=True) for name in {PEOPLE!r}
)
for _ in range(30):
    make_post()
    make_content_pattern()
print(json.dumps([str(make_inquiry().pk) for _ in range({WINDOWS} + 1)]))
"""

GUNICORN = """
import sys
from gunicorn.app.wsgiapp import run
sys.argv = ["gunicorn", "--workers", "2", "--worker-class", "gthread", "--threads", "8", "--bind", "127.0.0.1:PORT",
            "--log-level", "warning", "--no-control-socket", "synapse.wsgi:application"]
run()
"""

INQUIRIES = "/admin/business_core/consultationinquiry/"
PAGES = (
    "/admin/",
    INQUIRIES,
    f"{INQUIRIES}export/csv/",
    "/admin/business_core/post/",
    "/admin/business_core/post/export/xlsx/",
    "/admin/analytics/contentpattern/export/csv/",
    "/admin/revenue/abtest/",
    "/admin/dashboards/pipeline/",
    "/admin/dashboards/consolidation/",
    "/admin/operations/",
)
EACH_OPENS = 3

SESSIONS = """
SELECT datname, count(*) FROM pg_stat_activity
WHERE backend_type = 'client backend' AND application_name <> %s GROUP BY 1
"""
SESSION_STATE = """
SELECT pg_backend_pid(), current_setting('search_path'), current_setting('row_security'),
    coalesce(current_setting('synapse.author', true), ''), coalesce(current_setting('synapse.import_run', true), '')
"""


AS_NEW = ('"$user", public', "on", "", "")
CHANGES = """
SELECT row_key::text, author, new->>'notes' FROM change_log
WHERE table_name = 'consultation_inquiries' AND operation = 'update' AND new ? 'notes'
"""
PAUSE_SECONDS = 0.02

Connection = psycopg.Connection[tuple[Any, ...]]
Change = tuple[str, str | None, str]
"""An inquiry's key, who signed, its new notes."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A migrated checkout with rows and people, and a PgBouncer before its server; `inquiries` are keys."""

    checkout: Checkout
    bouncer: Bouncer
    inquiries: list[str]


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    program = bouncer_program()
    with temporary_checkout(OWN) as checkout:
        checkout.migrate()
        made = checkout.run("-c", MAKE_ROWS, DJANGO_SETTINGS_MODULE="synapse.settings")
        assert made.returncode == 0, made.stderr
        with running_bouncer(program, checkout) as bouncer:
            yield Ground(checkout, bouncer, json.loads(made.stdout))


@pytest.fixture
def site(ground: Ground) -> Iterator[str]:
    port = free_port()
    server = ground.checkout.start("-c", GUNICORN.replace("PORT", str(port)), **ground.bouncer.variables)
    try:
        assert wait_for_answer(f"http://127.0.0.1:{port}/admin/login/", timeout_seconds=60)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        said = server.communicate(timeout=30)[1]
        sys.stderr.write(said)
    assert "Traceback" not in said


def test_many_windows_share_three_sessions_and_sign_what_is_theirs(ground: Ground, site: str) -> None:
    people = [Visitor(name, site) for name in PEOPLE]
    assert [trouble for one in people if (trouble := one.sign_in(PASSWORD).trouble)] == []
    windows = [people[number % len(people)].once_more() for number in range(WINDOWS)]

    with _watched_sessions(ground.bouncer) as most, _changes_by_nobody(ground) as nobodys:
        troubles = _all_at_once(windows, ground.inquiries)

    assert troubles == []
    # What nobody signed met the sessions in which others had signed.
    assert len(nobodys) > EDITS
    assert _changes(ground) == Counter(
        [
            (key, window.name, f"{window.name} {number}")
            for window, key in zip(windows, ground.inquiries, strict=False)
            for number in range(EDITS)
        ]
        + nobodys
    )
    assert (set(most), max(most.values())) == (set(DATABASE_NAMES.values()), POOL_SIZE)
    assert _left_in_sessions(ground.bouncer) == set()


def test_imports_and_jobs_by_command_go_through_and_dumps_are_refused(ground: Ground, tmp_path: Path) -> None:
    checkout, through = ground.checkout, ground.bouncer.variables
    legacy = str(tmp_path / "legacy")
    assert checkout.run("demo_legacy", legacy, "--rows", "200").returncode == 0

    dumped_first = checkout.run("import_legacy", "--source=primary", "--legacy-dir", legacy, **through)
    undumped = {**through, "SYNAPSE_DUMP_BEFORE_IMPORT": "false"}
    imported = checkout.run("import_legacy", "--source=primary,revenue", "--legacy-dir", legacy, **undumped)
    refreshed = checkout.run("run_job", "refresh-views", **through)

    said = " ".join((dumped_first.stdout + dumped_first.stderr).split())
    assert (dumped_first.returncode, "leading to PostgreSQL itself" in said) == (1, True), said
    assert imported.returncode == 0, imported.stdout + imported.stderr
    assert (refreshed.returncode, refreshed.stdout[:9]) == (0, "Refreshed"), refreshed.stderr
    with ground.bouncer.past() as connection:
        assert connection.execute("SELECT count(*) > 0 FROM posts WHERE data_source = 'linkedin_primary'").fetchone()
    assert _left_in_sessions(ground.bouncer) == set()


def _all_at_once(windows: Sequence[Visitor], keys: Sequence[str]) -> list[str]:
    """Have every window walk and edit an inquiry of its own; return what went wrong."""
    with ThreadPoolExecutor(len(windows)) as threads:
        walks = threads.map(_walk, range(len(windows)), windows, keys)
        return [trouble for troubles in walks for trouble in troubles]


def _walk(place: int, window: Visitor, key: str) -> list[str]:
    form = f"{INQUIRIES}{key}/change/"
    came = [window.open(f"/admin/changes/business-core/consultation_inquiries/{key}/")]
    came += [window.open(PAGES[(place + step) % len(PAGES)]) for step in range(EACH_OPENS)]
    for number in range(EDITS):
        shown = window.open(form)
        fields = submitted(shown.text) | {"notes": f"{window.name} {number}"}
        came += [shown, window.send(form, fields)]
        if came[-1].address.endswith("/change/"):
            return [f"{key} was not saved: {came[-1].text[:500]}"]
    return [answer.trouble for answer in came if answer.trouble]


@contextmanager
def _watched_sessions(bouncer: Bouncer) -> Iterator[Counter[str]]:
    """Yield how many sessions each database has had at most, but for the watcher's."""
    most: Counter[str] = Counter()

    def look(connection: Connection) -> None:
        for name, sessions in connection.execute(SESSIONS, [WATCHER]):
            if name in DATABASE_NAMES.values():
                most[name] = max(most[name], sessions)

    with bouncer.past() as connection, _again_and_again(lambda: look(connection)):
        yield most


@contextmanager
def _changes_by_nobody(ground: Ground) -> Iterator[list[Change]]:
    """Change the last inquiry by SQL, through PgBouncer and without an author, as long as the block runs."""
    key = ground.inquiries[-1]
    made: list[Change] = []

    def change(connection: Connection) -> None:
        note = f"nobody {len(made)}"
        connection.execute("UPDATE consultation_inquiries SET notes = %s WHERE inquiry_id = %s", [note, key])
        made.append((key, None, note))

    with ground.bouncer.through() as connection, _again_and_again(lambda: change(connection)):
        yield made


@contextmanager
def _again_and_again(step: Callable[[], None]) -> Iterator[None]:
    over = threading.Event()

    def run() -> None:
        while not over.wait(PAUSE_SECONDS):
            step()

    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(run)
        try:
            yield
        finally:
            over.set()
            running.result()


def _changes(ground: Ground) -> Counter[Change]:
    """Return every change of notes in the log: whose, signed by whom, to what."""
    with ground.bouncer.past() as connection:
        return Counter(connection.execute(CHANGES).fetchall())


def _left_in_sessions(bouncer: Bouncer) -> set[tuple[str, ...]]:
    """Return what PgBouncer's sessions hold of what others did there; empty where each is as new."""
    left = set()
    for alias in ALIASES:
        with ExitStack() as stack:
            # Transactions that are open at the same time are in different sessions.
            connections = [stack.enter_context(bouncer.through(alias)) for _ in range(POOL_SIZE)]
            for connection in connections:
                stack.enter_context(connection.transaction())
            states = [connection.execute(SESSION_STATE).fetchone() or () for connection in connections]
            assert len({session for session, *_ in states}) == POOL_SIZE
            left |= {tuple(rest) for _, *rest in states}
    return left - {AS_NEW}
