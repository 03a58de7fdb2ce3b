"""The base of this package's commands: a failure that no command tells itself is one sentence, and exit 1."""

from legacy_import.failures import known_error_sentence
from synapse.foundation.contained_command import ContainedCommand


class LegacyCommand(ContainedCommand):
    """A command of the consolidation."""

    def foreseen_error_sentence(self, unit: str, error: Exception) -> str:
        """Return the sentence of an error that the import knows, an empty text for any other."""
        return known_error_sentence(unit, error)
