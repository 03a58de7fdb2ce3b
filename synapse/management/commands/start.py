"""`manage.py start`, which `make run` ends in: make everything ready, then serve until told to stop."""

import fcntl
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections

from legacy_import.jobs import await_load, queue_load
from synapse.console.people.first_admin import FIRST_ADMIN, create_first_admin
from synapse.foundation import embedded_postgres
from synapse.foundation.databases import BUSINESS_CORE
from synapse.foundation.pgbouncer import pgbouncer_refusal
from synapse.foundation.processes.supervisor import Program, StopRequestedError, Supervisor, raise_on_stop_signals
from synapse.foundation.processes.web_address import HOST, reserve_port, wait_for_answer
from synapse.foundation.terminal import TerminalCommand

_FIRST_LOAD_TIMEOUT_SECONDS = 20.0
"""So long the last line waits for the import: at the usual size it says that all is there."""
_FIRST_PAGE_TIMEOUT_SECONDS = 60.0
_WORKER_STOP_MARGIN_SECONDS = 10.0


class Command(TerminalCommand):
    help = "Start PostgreSQL, migrate, serve the admin; workers import and validate meanwhile. Ctrl-C stops all of it."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=settings.PORT, help="the next free one where it is busy")

    def handle(self, *, port: int, **_options: Any) -> None:
        if refusal := pgbouncer_refusal("`start`, which runs a worker,"):
            raise CommandError(refusal)
        with _hold_checkout_lock(), raise_on_stop_signals():
            try:
                self._prepare_data()
                queue_load()
                self._serve(port)
            except StopRequestedError:
                self._print_line("Stopping ...")
            finally:
                self._stop_postgres()
        self._print_line("Stopped.")

    def _prepare_data(self) -> None:
        call_command("migrate_all", stdout=self.stdout)
        if settings.PRODUCTION:
            call_command("collectstatic", interactive=False, verbosity=0)
        elif "LEGACY_DIR" not in os.environ and not (
            settings.LEGACY_DIR.is_dir() and any(settings.LEGACY_DIR.iterdir())
        ):
            call_command("demo_legacy", str(settings.LEGACY_DIR), stdout=self.stdout)

    def _serve(self, port: int) -> None:
        with reserve_port(port) as reserved:
            url = f"http://{HOST}:{reserved.getsockname()[1]}/"
            # Closed before forking: two processes on one connection would read each other's answers.
            connections.close_all()
            descriptor, workers, threads = reserved.fileno(), settings.WEB_WORKERS, settings.WEB_THREADS
            arguments = (
                *("--bind", f"fd://{descriptor}"),
                *("--worker-class", "gthread", "--workers", str(workers), "--threads", str(threads)),
                *("--log-level", "warning", "--no-control-socket"),
            )
            command = (sys.executable, "-m", "gunicorn", "synapse.wsgi:application", *arguments)
            web_server = Program(name="web server", command=command, descriptors=(descriptor,))
            worker = Program(
                name="worker",
                command=(sys.executable, "manage.py", "supervise_jobs"),
                # Its own stop waits for the jobs at work, and then writes down that it stopped.
                stop_seconds=settings.JOB_STOP_SECONDS + _WORKER_STOP_MARGIN_SECONDS,
            )
            with Supervisor([web_server, worker], folder=settings.BASE_DIR, say=self._print_line) as supervisor:
                self._announce_login(url)
                supervisor.run()

    def _announce_login(self, url: str) -> None:
        """Wait for the first page, create the first administrator where there is none, and print how to log in."""
        if not wait_for_answer(f"{url}admin/login/", timeout_seconds=_FIRST_PAGE_TIMEOUT_SECONDS):
            self._print_line(f"The web server does not answer at {url} yet; the lines above may say why.")
        password = create_first_admin()
        self._print_line(f"\nSynapse is ready: {url}")
        if password:
            self._print_line(
                f"Log in as {FIRST_ADMIN} with the password {password} (shown this once, only its hash is kept)."
            )
        else:
            self._print_line(
                f"Log in as {FIRST_ADMIN}. A new password: {sys.executable} manage.py changepassword {FIRST_ADMIN}"
            )
        self._print_line("A worker imports the legacy files; the front page says how far it is.")
        self._print_line(await_load(timeout_seconds=_FIRST_LOAD_TIMEOUT_SECONDS))
        connections.close_all()
        self._print_line("Ctrl-C stops it.")

    def _stop_postgres(self) -> None:
        """Stop the embedded server, unless somebody else is working in it."""
        if settings.DATABASES[BUSINESS_CORE]["ENGINE"] != "synapse.foundation.embedded_postgres.backend":
            return
        server = embedded_postgres.server_status().server
        if server is None:
            return
        connections.close_all()
        with psycopg.connect(
            host=server.host, port=server.port, user=server.user, password=server.password, dbname="postgres"
        ) as connection:
            row = connection.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            ).fetchone()
        others = row[0] if row else 0
        if others:
            self._print_line(f"PostgreSQL stays: {others} other connections use it. `manage.py postgres stop` ends it.")
        else:
            embedded_postgres.stop_server()

    def _print_line(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


@contextmanager
def _hold_checkout_lock() -> Iterator[None]:
    """Hold the checkout's lock: of two starts the first one to stop would stop the other's PostgreSQL."""
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.VAR_DIR / "start.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError("Synapse runs from this folder already; stop that one first.") from None
        yield
