"""The errors of imports and exports, in sentences for the person at the page."""

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
