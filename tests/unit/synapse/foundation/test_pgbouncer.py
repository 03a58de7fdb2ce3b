"""What holds a session of its own, or a transaction for long, is not started behind PgBouncer."""

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from synapse.foundation.pgbouncer import pgbouncer_refusal


@pytest.mark.parametrize("command", ["supervise_jobs", "qcluster", "start"])
def test_workers_are_refused(settings: Settings, command: str) -> None:
    settings.BEHIND_PGBOUNCER = True

    with pytest.raises(CommandError, match=r"can't go through PgBouncer .* leading to PostgreSQL itself"):
        call_command(command)


def test_without_pgbouncer_nothing_is_refused(settings: Settings) -> None:
    settings.BEHIND_PGBOUNCER = False

    assert pgbouncer_refusal("The workers") == ""
