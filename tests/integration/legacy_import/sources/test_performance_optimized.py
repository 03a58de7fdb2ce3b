"""The performance file with stricter constraints, column by column; the real one is empty."""

import pytest

from tests.integration.legacy_import.sources.conftest import Checks
from tests.integration.legacy_import.sources.mapped_table import MappedTable
from tests.integration.legacy_import.sources.performance_files import performance_tables

pytestmark = pytest.mark.django_db(databases=["default", "analytics"], transaction=True)

TABLES = performance_tables("performance_optimized")


@pytest.mark.parametrize("mapped", TABLES, ids=str)
def test_every_column_lands_in_its_place(lands_whole: Checks, mapped: MappedTable) -> None:
    lands_whole(mapped)
