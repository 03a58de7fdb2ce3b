"""Read the state of the consolidation in one database: rows by source and state, sizes, last imports, what waits.

Called by page and the console's panels; the same for every person. Words and links are sections'.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.apps import apps
from django.conf import settings
from django.db import connections
from django.db.models import Count

from legacy_import.mapping import Source
from legacy_import.models import Divergence, ImportRun, LedgerRow
from legacy_import.running_imports import actual_status, lock_holders
from legacy_import.sources import sources_of_database

_SIZES_SQL: Final = """
    SELECT
        pg_database_size(current_database()),
        coalesce(sum(pg_total_relation_size(oid)) FILTER (WHERE relname = ANY(%s)), 0)::bigint,
        coalesce(sum(pg_total_relation_size(oid)) FILTER (WHERE relname = ANY(%s)), 0)::bigint
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
"""
_KEPT_TABLES: Final = ["ledger", "before_image", "divergence", "legacy_file", "import_run", "change_log"]


@dataclass(frozen=True, slots=True)
class Sizes:
    """What a database takes on its disk: all of it, its business tables, and what the import and the log remember."""

    database_bytes: int
    business_bytes: int
    kept_bytes: int


@dataclass(frozen=True, slots=True)
class LastImport:
    """A source's latest import and how it stands."""

    run: ImportRun
    status: ImportRun.Status


@dataclass(frozen=True, slots=True)
class DatabaseStatus:
    """How the consolidation stands in one database.

    `rows` counts legacy rows by source and state of the ledger; a source that was never imported is not in `last`.
    `file_bytes` holds the size of each legacy file that is there, else of its last snapshot, None where neither is.
    """

    alias: str
    sources: tuple[Source, ...]
    rows: Mapping[str, Mapping[str, int]]
    last: Mapping[str, LastImport]
    file_bytes: Mapping[str, int | None]
    sizes: Sizes
    undecided: int

    def count_in_state(self, state: str) -> int:
        """Return how many legacy rows of all sources are in a state."""
        return sum(counts.get(state, 0) for counts in self.rows.values())

    @property
    def legacy_row_count(self) -> int:
        """How many legacy rows the ledger accounts for."""
        return sum(sum(counts.values()) for counts in self.rows.values())

    @property
    def total_file_bytes(self) -> int:
        """What the legacy files take together, as far as is known."""
        return sum(size for size in self.file_bytes.values() if size is not None)


def read_database_status(alias: str) -> DatabaseStatus:
    """Read the state of the import in a database: rows, sizes, last imports, divergences."""
    sources = sources_of_database(alias)
    holders = lock_holders(alias, [source.name for source in sources])
    imports = ImportRun.objects.using(alias).filter(kind=ImportRun.Kind.IMPORT).defer("tables", "notes")
    latest = imports.order_by("source", "-started_at").distinct("source")
    last = {run.source: LastImport(run, actual_status(run, holders)) for run in latest}
    rows: defaultdict[str, Counter[str]] = defaultdict(Counter)
    counted = LedgerRow.objects.using(alias).order_by().values("source", "state").annotate(rows=Count("pk"))
    for line in counted:
        rows[line["source"]][line["state"]] = line["rows"]
    return DatabaseStatus(
        alias=alias,
        sources=sources,
        rows=dict(rows),
        last=last,
        file_bytes={source.name: _file_size_bytes(source, last.get(source.name)) for source in sources},
        sizes=_measure_sizes(alias, sources),
        undecided=Divergence.objects.using(alias).undecided().count(),
    )


def _file_size_bytes(source: Source, last: LastImport | None) -> int | None:
    try:
        return (settings.LEGACY_DIR / source.path).stat().st_size
    except OSError:
        return None if last is None else last.run.snapshot_size_bytes


def _measure_sizes(alias: str, sources: tuple[Source, ...]) -> Sizes:
    # One query over pg_class for all tables, indexes and TOAST included.
    business = sorted({apps.get_model(table.model)._meta.db_table for source in sources for table in source.tables})
    with connections[alias].cursor() as cursor:
        cursor.execute(_SIZES_SQL, [business, _KEPT_TABLES])
        return Sizes(*cursor.fetchone())
