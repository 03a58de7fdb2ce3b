"""Behind PgBouncer nothing is dumped or restored: what pg_dump sets for its session would meet the next page."""

from zoneinfo import ZoneInfo

import pytest
from pytest_django import Settings

from legacy_import.errors import TerminalError
from legacy_import.services import DatabaseRestoreRequest, list_dumps, restore_database
from synapse.foundation.databases import URL_VARIABLES
from tests.integration.legacy_import.backups.dumps.ground import DumpGround, databases
from tests.integration.legacy_import.backups.folders import NOW

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

REFUSED = "can't go through PgBouncer in transaction mode: .* leading to PostgreSQL itself"


@pytest.mark.parametrize("alias", URL_VARIABLES)
def test_a_dump_is_refused_and_leaves_nothing(dumps: DumpGround, settings: Settings, alias: str) -> None:
    settings.BEHIND_PGBOUNCER = True

    with pytest.raises(TerminalError, match=REFUSED):
        dumps.take(alias=alias)

    assert list_dumps([alias]) == []
    settings.BEHIND_PGBOUNCER = False  # the fixture's end drops what restores have made


@pytest.mark.parametrize("swap", [False, True])
def test_a_restore_is_refused_before_anything_is_made(dumps: DumpGround, settings: Settings, *, swap: bool) -> None:
    dumps.take()
    before = databases()
    settings.BEHIND_PGBOUNCER = True

    with pytest.raises(TerminalError, match=REFUSED):
        restore_database(DatabaseRestoreRequest("default", "latest", ZoneInfo("UTC"), swap=swap), now=NOW)

    settings.BEHIND_PGBOUNCER = False
    assert databases() == before
