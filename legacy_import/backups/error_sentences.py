"""Errors of the operating system as one sentence for the operator, as everything here that can fail reports itself."""

from collections.abc import Iterator
from contextlib import contextmanager

from legacy_import.errors import TerminalError


@contextmanager
def translate_os_errors(what: str) -> Iterator[None]:
    """Translate an OSError into TerminalError that reads `what: reason (file)`."""
    try:
        yield
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise TerminalError(f"{what}: {(error.strerror or str(error)).lower()}{where}.") from error
