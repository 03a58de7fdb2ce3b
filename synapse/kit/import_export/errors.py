"""What goes wrong in an exchange, in sentences for the person at the page.

What lives here: the exceptions. What does not: where they are shown.
"""

from dataclasses import dataclass


@dataclass
class CellError(ValueError):
    """A cell that is no value of its column: what was expected there, and how to mend it."""

    expected: str
    fix: str = ""


class FileError(ValueError):
    """A file that can't be read as rows; the message says why and what to do."""


class ExportError(ValueError):
    """Rows that the chosen format can't hold; the message says which and what to do."""
