"""What an exact PostgreSQL schema needs and Django's models lack: server defaults, long index names, .sql files."""

from collections.abc import Sequence
from importlib.resources import files

from django.db.migrations import RunSQL
from django.db.models import DateTimeField, Func, Index


class CurrentTimestamp(Func):
    """CURRENT_TIMESTAMP, the start of the transaction; Django's Now() is STATEMENT_TIMESTAMP() on PostgreSQL."""

    template = "CURRENT_TIMESTAMP"
    output_field = DateTimeField()


class ClockTimestamp(Func):
    """clock_timestamp(), which moves on within a transaction."""

    function = "clock_timestamp"
    output_field = DateTimeField()


class PostgresIndex(Index):
    """A B-tree index whose name may be as long as PostgreSQL allows; Django stops at 30 characters."""

    max_name_length = 63


def run_sql_file(package: str, step: str, *, databases: Sequence[str]) -> RunSQL:
    """Return the migration step of `<package>/sql/<step>.sql`, undone by `<step>.undo.sql`, in these databases only."""
    folder = files(package) / "sql"
    return RunSQL(
        sql=(folder / f"{step}.sql").read_text(encoding="utf-8"),
        reverse_sql=(folder / f"{step}.undo.sql").read_text(encoding="utf-8"),
        hints={"databases": list(databases)},
    )
