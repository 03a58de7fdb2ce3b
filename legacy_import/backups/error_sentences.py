"""Errors of the operating system as one sentence for the operator, as everything here that can fail reports itself."""

from collections.abc import Iterator
from contextlib import contextmanager

from legacy_import.errors import TerminalError


@contextmanager
def os_errors_as_sentence(what: str) -> Iterator[None]:
    """Raise TerminalError "what: reason (file)." in place of an OSError."""
    try:
        yield
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise TerminalError(f"{what}: {(error.strerror or str(error)).lower()}{where}.") from error
