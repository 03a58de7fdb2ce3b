"""Migrating from nothing, again, back to nothing, and forward once more."""

from collections.abc import Iterator

import pytest

from synapse.foundation.databases import ALIASES
from tests.integration.schema.scratch import ScratchDatabases, scratch_databases

pytestmark = pytest.mark.django_db

_UNDO_EVERYTHING = """
import django
django.setup()
from django.core.management import call_command
for alias in ("default", "analytics", "revenue"):
    for app in ("legacy_import", "business_core", "analytics", "revenue", "change_log"):
        call_command("migrate", app, "zero", database=alias, verbosity=0)
"""

_OBJECTS = """
    SELECT relkind::text, relname, pg_get_viewdef(oid) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm', 'i')
    UNION ALL SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
"""

_OURS = {"posts", "content_patterns", "ab_tests", "change_log", "current_pipeline_summary", "top_performing_patterns"}


@pytest.fixture(scope="module")
def databases(django_db_setup: None) -> Iterator[ScratchDatabases]:
    with scratch_databases() as made:
        yield made


def _objects(databases: ScratchDatabases, alias: str) -> set[tuple[object, ...]]:
    with databases.connect(alias) as connection:
        return set(connection.execute(_OBJECTS).fetchall())


def test_migrate_all_creates_undoes_and_recreates_the_same_schema(databases: ScratchDatabases) -> None:
    first = databases.manage("migrate_all")
    assert first.returncode == 0, first.stderr
    assert [line.split(":")[0] for line in first.stdout.splitlines()] == list(databases.names.values())
    assert all(": created, " in line for line in first.stdout.splitlines())

    again = databases.manage("migrate_all")
    assert (again.returncode, again.stderr) == (0, "")
    assert all(line.endswith(": up to date") for line in again.stdout.splitlines())

    built = {alias: _objects(databases, alias) for alias in ALIASES}
    undone = databases.manage("-c", _UNDO_EVERYTHING)
    assert undone.returncode == 0, undone.stderr
    for alias in ALIASES:
        left = _objects(databases, alias)
        assert not {name for _, name, _ in left} & _OURS
        assert not [name for kind, name, _ in left if kind in {"function", "trigger", "v", "m"}]

    redone = databases.manage("migrate_all")
    assert redone.returncode == 0, redone.stderr
    assert {alias: _objects(databases, alias) for alias in ALIASES} == built


def test_migrate_all_without_a_server_fails_in_one_sentence(databases: ScratchDatabases) -> None:
    nowhere = dict.fromkeys(
        ["DATABASE_URL", "ANALYTICS_DATABASE_URL", "REVENUE_DATABASE_URL"], "postgresql://nobody@127.0.0.1:1/nothing"
    )

    failed = databases.manage("migrate_all", **nowhere)

    assert failed.returncode == 1
    assert failed.stdout == ""
    assert failed.stderr.startswith("CommandError: nothing could not be migrated: ")
    assert len(failed.stderr.splitlines()) == 1
