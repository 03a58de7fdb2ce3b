"""The errors of an import; the class says who helps: a retry (TransientError) or a person (TerminalError)."""

from synapse.foundation.text.visible import visible_line


class LegacyImportError(Exception):
    """One sentence for the operator: the file, the table, the column, and what to do.

    The names in it are somebody else's, so it is one line, with signs for control characters.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(visible_line(sentence))


class TerminalError(LegacyImportError):
    """A person is needed: trying again without a change fails again."""


class MissingFileError(TerminalError):
    """There is no file where a source's file should be."""


class TransientError(LegacyImportError):
    """Trying again later may succeed: a lock, a busy file, a lost connection."""


class UnknownSourceError(TerminalError):
    """The source, phase or database asked for is not declared."""
