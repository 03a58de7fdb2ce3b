"""What the operator's one place costs, whatever number of runs there are."""

import json

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from synapse.foundation.databases import ALIASES

pytestmark = pytest.mark.django_db(databases=ALIASES)

_CONSOLE = "/admin/operations/"


def test_a_hundred_thousand_runs_cost_as_many_queries_as_ten_and_no_scan_of_the_table(boss: Client) -> None:
    _furnish(10)
    first = _queries(boss)
    _furnish(100_000)
    with connections["default"].cursor() as cursor:
        cursor.execute("ANALYZE job_run")

    with CaptureQueriesContext(connections["default"]) as watch:
        boss.get(_CONSOLE)

    assert len(watch) == first
    statements = [query["sql"] for query in watch.captured_queries if "job_run" in query["sql"]]
    blocks = {statement: _blocks_read(statement) for statement in statements if statement.startswith("SELECT")}
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT relpages FROM pg_class WHERE relname = 'job_run'")
        pages = cursor.fetchone()[0]
    assert len(blocks) > 2
    assert {statement: read for statement, read in blocks.items() if read > pages / 10} == {}


def _blocks_read(statement: str) -> int:
    """Return how many blocks of tables and indexes the statement touches: its cost, whatever else the machine does."""
    with connections["default"].cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {statement}")
        plan = cursor.fetchone()[0]
    whole = (plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"]
    return int(whole["Shared Hit Blocks"] + whole["Shared Read Blocks"])


def _queries(client: Client) -> int:
    client.get(_CONSOLE)
    with CaptureQueriesContext(connections["default"]) as watch:
        client.get(_CONSOLE)
    return len(watch)


def _furnish(number: int) -> None:
    now = timezone.now()
    with connections["default"].cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO job_run (id, job, key, arguments, state, by_hand, requested_by, queued_at, started_at,
                finished_at, attempts, host, result, error, traceback, history, settled_by)
            SELECT gen_random_uuid(), (ARRAY['refresh-views', 'sync-legacy', 'validate', 'prune'])[1 + n %% 4],
                %s || n, '{}', CASE WHEN n %% 5000 = 1 THEN 'given_up' ELSE 'done' END, false, 'the schedule',
                %s - n * interval '1 minute', %s - n * interval '1 minute', %s - n * interval '1 minute', 1, 'here',
                '{"summary": "Well."}', '', repeat('line ', 100), '[]', ''
            FROM generate_series(1, %s) AS n
            """,
            [f"{number} ", now, now, now, number],
        )
