"""The first performance file, column by column: it has neither updated_at nor validated_at."""

import pytest

from tests.integration.legacy_import.sources.conftest import Checks
from tests.integration.legacy_import.sources.mapped_table import MappedTable
from tests.integration.legacy_import.sources.performance_files import performance_tables

pytestmark = pytest.mark.django_db(databases=["default", "analytics"], transaction=True)

TABLES = performance_tables("performance")


@pytest.mark.parametrize("mapped", TABLES, ids=str)
def test_every_column_lands_in_its_place(lands_whole: Checks, mapped: MappedTable) -> None:
    lands_whole(mapped)


def test_real_rows_land(real_rows_land: Checks) -> None:
    _, patterns, _ = TABLES
    real_rows_land(patterns, rows=5)
