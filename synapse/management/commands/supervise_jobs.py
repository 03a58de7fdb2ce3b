"""`manage.py supervise_jobs`: the workers' process supervisor. `make run` starts it; a server lets systemd do so."""

from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import CommandError
from django.db import OperationalError, ProgrammingError, connections

from synapse.foundation.pgbouncer import pgbouncer_refusal
from synapse.foundation.processes.supervisor import StopRequestedError, raise_on_stop_signals
from synapse.foundation.terminal import TerminalCommand
from synapse.foundation.text.error_line import error_line
from synapse.kit.jobs.cluster.cluster_supervisor import ClusterSupervisor, SupervisionPolicy

_logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


class Command(TerminalCommand):
    help = "Run the workers that do the jobs, ask them for a sign of life and restart them. Ctrl-C stops them."
    requires_system_checks = ()

    def handle(self, **_options: Any) -> None:
        if refusal := pgbouncer_refusal("The workers"):
            raise CommandError(refusal)
        with raise_on_stop_signals():
            try:
                self._make_supervisor().run()
            except StopRequestedError:
                self._print_line("The workers are stopped.")
            finally:
                connections.close_all()

    def _make_supervisor(self) -> ClusterSupervisor:
        try:
            return ClusterSupervisor(
                SupervisionPolicy(
                    workers=settings.JOB_WORKERS,
                    heartbeat=timedelta(seconds=settings.JOB_HEARTBEAT_SECONDS),
                    grace=timedelta(seconds=settings.JOB_GRACE_SECONDS),
                    stop_seconds=settings.JOB_STOP_SECONDS,
                ),
                folder=settings.BASE_DIR,
                marks=settings.VAR_DIR / "workers",
                say=self._print_line,
            )
        except OperationalError as error:
            raise CommandError(f"PostgreSQL does not answer, so no worker is started: {error_line(error)}") from error
        except ProgrammingError as error:
            raise CommandError(
                f"The databases are not ready; run `manage.py migrate_all` first: {error_line(error)}"
            ) from error

    def _print_line(self, sentence: str) -> None:
        _logger.warning("workers.said", message=sentence)
        self.stdout.write(sentence)
        self.stdout.flush()
