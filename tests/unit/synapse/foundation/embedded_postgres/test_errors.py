"""What people read when the embedded PostgreSQL cannot start."""

import pytest
from django.core.management.base import BaseCommand, CommandError
from django.db.utils import OperationalError

from synapse.foundation.embedded_postgres import EmbeddedPostgresError


@pytest.mark.parametrize("kind", [OperationalError, CommandError])
def test_error_is_handled_as_either_kind(kind: type[Exception]) -> None:
    with pytest.raises(kind, match="Install it"):
        raise EmbeddedPostgresError("Install it.")


def test_command_shows_the_sentence_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    class Failing(BaseCommand):
        requires_system_checks = ()

        def handle(self, *_args: object, **_options: object) -> None:
            raise EmbeddedPostgresError("Install it.")

    with pytest.raises(SystemExit) as caught:
        Failing().run_from_argv(["manage.py", "failing"])

    assert caught.value.code == 1
    assert capsys.readouterr().err == "EmbeddedPostgresError: Install it.\n"
