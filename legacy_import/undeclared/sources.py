"""An undeclared file as a source: its path is its name, every table of it is archived in the business core database."""

from django.db import DatabaseError

from legacy_import.errors import UnknownSourceError
from legacy_import.mapping import Source
from legacy_import.models import LegacyFile
from legacy_import.sources import SOURCES, source_named
from synapse.foundation.databases import BUSINESS_CORE

_DECLARED_NAMES = frozenset(source.name for source in SOURCES)


def undeclared_source(path: str) -> Source:
    """Return the file of that path, relative to the legacy folder, as a source without mappings."""
    # A file may be called as a declared source is.
    name = f"./{path}" if path in _DECLARED_NAMES else path
    return Source(name=name, path=path, database=BUSINESS_CORE, phases=(), rank=0, tables=())


def archived_sources() -> tuple[Source, ...]:
    """Return the undeclared files that were archived, whether or not they are still in the folder."""
    files = LegacyFile.objects.using(BUSINESS_CORE).exclude(source__in=_DECLARED_NAMES).order_by("path")
    found = [(name, undeclared_source(path)) for name, path in files.values_list("source", "path")]
    # A source that is declared no more has a name of its own.
    return tuple(source for name, source in found if source.name == name)


def find_source(name: str) -> Source:
    """Return the declared source of that name, or the archived file of that path. Raises UnknownSourceError."""
    try:
        return source_named(name)
    except UnknownSourceError:
        try:
            archived = archived_sources() if "\0" not in name else ()
        except DatabaseError:
            archived = ()
        found = next((source for source in archived if source.name == name), None)
        if found is None:
            raise
        return found


def source_of_run(name: str) -> Source:
    """Return the source that a run was of: a declared one, or the file of that path, also where it is archived no more.

    Raises UnknownSourceError where it is neither.
    """
    file = undeclared_source(name.removeprefix("./"))
    return file if file.name == name else source_named(name)
