"""Predictions of the legacy files: their own actual figures stay, missing ones are filled, and imports bear with it."""

from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from analytics.models import PerformancePrediction
from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.performing import run_job_by_hand
from tests.factories import make_post
from tests.imports import counts, rows, run_import
from tests.legacy_files import change, only

pytestmark = pytest.mark.django_db(transaction=True, databases=ALIASES)

_FILE: Final = "performance_analytics.db"
_PREDICTION: Final = (
    "INSERT INTO performance_predictions (prediction_id, post_id, predicted_engagement_rate,"
    " predicted_consultation_requests, confidence_lower, confidence_upper, key_factors, recommendations,"
    " actual_engagement_rate, actual_consultation_requests, prediction_accuracy)"
    " VALUES (?, 'post', 0.12, 2, 0.08, 0.16, '[]', '[]', ?, ?, ?)"
)


@pytest.fixture
def performance(real_legacy_dir: Path, tmp_path: Path) -> Path:
    """Return a folder with the performance file and three predictions: judged there, half judged, not judged."""
    folder = only(real_legacy_dir, _FILE, into=tmp_path / "performance")
    change(folder / _FILE, _PREDICTION, "judged", 0.5, 7, 0.25)
    change(folder / _FILE, _PREDICTION, "half", 0.12, None, None)
    change(folder / _FILE, _PREDICTION, "open", None, None, None)
    make_post(external_post_id="post", impressions=1_000, likes=90, consultation_requests=1)
    return folder


def judge() -> dict[str, Any]:
    return dict(run_job_by_hand("judge-predictions", requested_by="").result or {})


def judged() -> list[tuple[Any, ...]]:
    """Return rate, requests and accuracy of the predictions in the order of their legacy keys: half, judged, open."""
    by_key = dict(rows("analytics", "SELECT target_key, key FROM ledger WHERE target_table='performance_predictions'"))
    found = PerformancePrediction.objects.values_list(
        "pk", "actual_engagement_rate", "actual_consultation_requests", "prediction_accuracy"
    )
    return [tuple(figures) for _, *figures in sorted(found, key=lambda row: str(by_key[row[0]]))]


def test_figures_the_file_brought_stay_and_missing_ones_are_filled(performance: Path) -> None:
    run_import("performance", performance)

    assert judge()["first"] == 2

    assert judged() == [
        (Decimal("0.1200"), 1, Decimal("0.8333")),
        (Decimal("0.5000"), 7, Decimal("0.2500")),
        (Decimal("0.0900"), 1, Decimal("0.7083")),
    ]
    assert judge()["again"] == 0


def test_an_import_after_judging_takes_nothing_back(performance: Path) -> None:
    run_import("performance", performance)
    judge()
    before = judged()

    report = run_import("performance", performance)

    assert counts(report)["performance_predictions"] == {"read": 3, "unchanged": 3}
    assert judged() == before


def test_an_actual_the_file_brings_later_is_a_divergence_for_a_person(performance: Path) -> None:
    run_import("performance", performance)
    judge()
    change(
        performance / _FILE,
        "UPDATE performance_predictions SET actual_engagement_rate = 0.3 WHERE prediction_id = 'open'",
    )

    run_import("performance", performance)

    assert judged()[2][0] == Decimal("0.0900")
    assert rows("analytics", "SELECT count(*) FROM divergence") == [(1,)]
