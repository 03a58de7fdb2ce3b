"""The attribution file, column by column."""

from pathlib import Path

import pytest

from tests.imports import counts, run_import
from tests.integration.legacy_import.sources.conftest import Checks
from tests.integration.legacy_import.sources.mapped_table import MappedTable, kept_cells, landed, same
from tests.integration.legacy_import.sources.readings import BOOLEAN, JSON, KEY, MONEY, TEXT, UTC_TIME

pytestmark = pytest.mark.django_db(databases=["default", "analytics"], transaction=True)

TOUCHES = MappedTable(
    "attribution",
    "attribution_tracking",
    "analytics.AttributionTracking",
    key="tracking_id",
    columns={
        "tracking_id": ("", KEY),
        **same(TEXT, "content_id", "platform", "touchpoint", "user_id", "session_id"),
        **same(UTC_TIME, "timestamp"),
        **same(MONEY, "value"),
        **same(JSON, "metadata"),
        **same(BOOLEAN, "processed"),
    },
)


def test_every_column_lands_in_its_place(lands_whole: Checks) -> None:
    lands_whole(TOUCHES)


def test_real_rows_land(real_rows_land: Checks) -> None:
    real_rows_land(TOUCHES, rows=16)


def test_json_of_another_spelling_is_read_and_kept_as_it_is(legacy_dir: Path) -> None:
    spelled = '{"z":1.10,  "a": "\\u00fc", "z": [ ]}'
    key = TOUCHES.insert(legacy_dir, metadata=spelled)[TOUCHES.key]

    run_import("attribution", legacy_dir)

    assert landed(TOUCHES, key)["metadata"] == {"z": [], "a": "ü"}
    assert kept_cells(TOUCHES, key) == {"metadata": spelled}


def test_the_paths_are_archived(real_legacy_dir: Path) -> None:
    assert counts(run_import("attribution", real_legacy_dir))["conversion_paths"] == {"read": 1, "archived": 1}
