"""The base of manage.py's commands: what nobody foresaw is one sentence on standard error, and exit 1."""

import sys
from typing import Any

from django.core.management.base import CommandError

from synapse.foundation.containment import contain_errors
from synapse.foundation.terminal import TerminalCommand


class ContainedCommand(TerminalCommand):
    """A command that ends in a sentence whatever happens; `--traceback` shows the error as it is."""

    def foreseen_error_sentence(self, unit: str, error: Exception) -> str:  # noqa: ARG002  # for commands that know better
        """Return the sentence of an error that has one of its own, an empty text for any other."""
        return ""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command."""
        name = type(self).__module__.rpartition(".")[2]
        with contain_errors(name, foresee=self.foreseen_error_sentence, passing=(CommandError,)) as trouble:
            return super().execute(*args, **options)
        if options.get("traceback") and trouble.error:
            raise trouble.error
        self.stderr.write(trouble.sentence)
        sys.exit(1)
