"""Large first loads: keys are built after the rows, and are the same keys."""

from pathlib import Path

import pytest

from legacy_import.pipeline.merge import merge
from tests.imports import counts, execute, rows, run_import, state

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)

TABLES = "('posts', 'consultation_inquiries', 'business_pipeline', 'ledger')"


def keys() -> dict[str, list[tuple[str, ...]]]:
    return {
        "indexes": rows(
            "default",
            f"SELECT tablename, indexname, indexdef FROM pg_indexes WHERE tablename IN {TABLES} ORDER BY 1, 2",
        ),
        "constraints": rows(
            "default",
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated::text FROM pg_constraint"
            f" WHERE conrelid::regclass::text IN {TABLES} ORDER BY 1, 2",
        ),
    }


@pytest.fixture
def every_first_load_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge, "MIN_DEFERRED_ROWS", 1)


@pytest.mark.usefixtures("every_first_load_is_large")
def test_a_large_first_load_leaves_the_same_keys(legacy_dir: Path) -> None:
    before = keys()

    report = run_import("primary", legacy_dir)

    assert counts(report)["consultation_inquiries"] == {"read": 15, "inserted": 15}
    assert keys() == before
    assert len(before["indexes"]) > 10


@pytest.mark.usefixtures("every_first_load_is_large")
def test_a_large_first_load_that_fails_leaves_the_same_keys(legacy_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = keys()
    monkeypatch.setattr("legacy_import.services.importing.refresh_views_without_waiting", _fail)

    report = run_import("primary", legacy_dir)

    assert "on purpose" in (report.error or "")
    assert keys() == before
    assert rows("default", "SELECT count(*) FROM ledger") == [(0,)]


def test_large_and_small_loads_end_in_the_same_state(legacy_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_import("primary", legacy_dir)
    expected = state("default")
    execute("default", "TRUNCATE posts, consultation_inquiries, business_pipeline, ledger, legacy_file")
    monkeypatch.setattr(merge, "MIN_DEFERRED_ROWS", 1)

    run_import("primary", legacy_dir)

    assert state("default") == expected


def _fail(**_: object) -> None:
    raise RuntimeError("on purpose")
