"""CREATE DATABASE where a database is missing, on whichever server the settings name; called by `migrate_all`."""

from django.db import OperationalError, ProgrammingError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.errors import DuplicateDatabase, UniqueViolation


def create_missing_database(alias: str) -> bool:
    """Create the alias's database where its server has none of that name (idempotent); say whether it was created.

    Raises OperationalError where the server can't be reached, ProgrammingError where the role may not create databases.
    """
    connection = connections[alias]
    try:
        connection.ensure_connection()
    except OperationalError:
        if not _create_database(connection):
            raise
        return True
    return False


def _create_database(connection: BaseDatabaseWrapper) -> bool:
    """Create the connection's database; False where it exists, so that connecting failed for another reason."""
    name = str(connection.settings_dict["NAME"])
    maintenance = type(connection)({**connection.settings_dict, "NAME": "postgres"}, alias=connection.alias)
    try:
        with maintenance.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if cursor.fetchone() is not None:
                return False
            try:
                # template1 may be of another encoding; template0 takes the one asked for.
                cursor.execute(f"CREATE DATABASE {connection.ops.quote_name(name)} ENCODING 'UTF8' TEMPLATE template0")
            except ProgrammingError as error:
                # Two that migrate at once: the other was quicker.
                if not isinstance(error.__cause__, DuplicateDatabase | UniqueViolation):
                    raise
    finally:
        maintenance.close()
    return True
