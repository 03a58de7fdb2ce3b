"""The specification's own SQL, built in a schema of its own beside the migrated tables."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections

from tests.integration.schema.catalogue import Database

_SPECIFICATION = Path(__file__).parent / "specification"

DATABASES = {"default": "business_core", "analytics": "analytics", "revenue": "revenue"}


def specified_sql(app: str) -> str:
    """Return an app's SQL block of the specification, fit to run in a transaction, its one slip mended."""
    sql = (_SPECIFICATION / f"{app}.sql").read_text().replace("INDEX CONCURRENTLY", "INDEX")
    mended = "CREATE MATERIALIZED VIEW revenue_pipeline_summary"
    sql = sql.replace("CREATE VIEW revenue_pipeline_summary", mended)
    return sql + ("CREATE UNIQUE INDEX ON revenue_pipeline_summary (customer_segment);" if mended in sql else "")


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, db: None) -> Iterator[Database]:
    connection = connections[request.param]
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA specification; SET LOCAL search_path = specification")
        cursor.execute(specified_sql(DATABASES[request.param]))
        # Names are compared without their schema, so neither may be in sight.
        cursor.execute("SET LOCAL search_path = pg_catalog")
        yield Database(cursor)
        cursor.execute("SET LOCAL search_path = public")
