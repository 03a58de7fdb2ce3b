"""Judging predictions: writes the actual figures of their posts and the accuracy of the prediction; idempotent.

The posts' figures are in another database, so the job synapse.console.jobs.judge_predictions brings them; the formula
is analytics.accuracy.

Whose a figure is: one that a file brought or a person put in stays, and the accuracy is reckoned with it; one that a
person emptied stays empty. What the job wrote itself follows the post's figures as long as they change.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import connections, transaction

from analytics.accuracy import prediction_accuracy
from analytics.models import PerformancePrediction
from synapse.foundation.databases import ANALYTICS
from synapse.kit.admin.concurrent_edits.row_locks import lock_rows, wait_for_imports
from synapse.kit.change_log.column_writers import Writers, column_writers

JOB: Final = "judge-predictions"
"""The job that judges: its name signs what it writes."""

MAX_RATE: Final = Decimal("9.9999")
"""What the column holds; a post with more engagement than that for each impression has been miscounted."""

_FIGURES: Final = ("actual_engagement_rate", "actual_consultation_requests", "prediction_accuracy")
_WRITTEN: Final = (*_FIGURES, "validated_at")

_UPDATE: Final = """
    UPDATE performance_predictions AS p
    SET actual_engagement_rate = j.rate, actual_consultation_requests = j.requests, prediction_accuracy = j.accuracy,
        validated_at = j.validated_at
    FROM unnest(%s::uuid[], %s::numeric[], %s::integer[], %s::numeric[], %s::timestamptz[])
         AS j(key, rate, requests, accuracy, validated_at)
    WHERE p.prediction_id = j.key
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a post brought: its engagement rate as a ratio with four decimals, and its consultation requests."""

    engagement_rate: Decimal
    consultation_requests: int


@dataclass(frozen=True, slots=True)
class Judged:
    """How many predictions were judged for the first time, and how many again, for their posts' figures changed."""

    first: int
    again: int


@dataclass(frozen=True, slots=True)
class _Judgement:
    prediction: PerformancePrediction
    rate: Decimal | None
    requests: int | None
    accuracy: Decimal | None
    validated_at: datetime | None

    @property
    def has_changes(self) -> bool:
        """Say whether it differs from what the prediction has stored."""
        stored = tuple(getattr(self.prediction, name) for name in _FIGURES)
        return stored != (self.rate, self.requests, self.accuracy)


def prediction_keys_to_judge(
    predictions: Collection[PerformancePrediction], outcomes: Mapping[str, Outcome]
) -> list[UUID]:
    """Return the keys of those predictions that judging would change; `outcomes` are by the posts' external keys."""
    differing = [row for row in predictions if _differs_from_stored(row, outcomes.get(row.post_id))]
    now = datetime.min  # noqa: DTZ901  # thrown away: only what changes is asked
    return [judgement.prediction.pk for judgement in _changing_judgements(differing, outcomes, now=now)]


def judge_predictions(keys: Collection[UUID], outcomes: Mapping[str, Outcome], *, now: datetime) -> Judged:
    """Write the actual figures and the accuracy of these predictions, where they change; say how many there were."""
    with transaction.atomic(using=ANALYTICS):
        wait_for_imports(PerformancePrediction, ANALYTICS)
        locked = lock_rows(PerformancePrediction, ANALYTICS, pk__in=keys)
        # Read again under the locks: a person or an import may have written since the keys were chosen.
        predictions = list(PerformancePrediction.objects.using(ANALYTICS).filter(pk__in=locked))
        judgements = _changing_judgements(predictions, outcomes, now=now)
        if judgements:
            # One statement for all rows: each array is a column, unnest pairs them up.
            with connections[ANALYTICS].cursor() as cursor:
                cursor.execute(
                    _UPDATE,
                    [
                        [judgement.prediction.pk for judgement in judgements],
                        [judgement.rate for judgement in judgements],
                        [judgement.requests for judgement in judgements],
                        [judgement.accuracy for judgement in judgements],
                        [judgement.validated_at for judgement in judgements],
                    ],
                )
    first = sum(judgement.prediction.prediction_accuracy is None for judgement in judgements)
    return Judged(first=first, again=len(judgements) - first)


def _differs_from_stored(row: PerformancePrediction, outcome: Outcome | None) -> bool:
    if outcome is None:
        return False
    stored = (row.actual_engagement_rate, row.actual_consultation_requests)
    return stored != (outcome.engagement_rate, outcome.consultation_requests) or row.prediction_accuracy is None


def _changing_judgements(
    predictions: Collection[PerformancePrediction], outcomes: Mapping[str, Outcome], *, now: datetime
) -> list[_Judgement]:
    """Return the judgements that change something."""
    if not predictions:
        return []
    keys = [row.pk for row in predictions]
    writers = column_writers(PerformancePrediction, keys, job=JOB, columns=_WRITTEN, alias=ANALYTICS)
    known = [(row, outcomes[row.post_id]) for row in predictions if row.post_id in outcomes]
    judgements = [_judge_prediction(row, outcome, writers[row.pk], now=now) for row, outcome in known]
    return [judgement for judgement in judgements if judgement.has_changes]


def _judge_prediction(row: PerformancePrediction, outcome: Outcome, writers: Writers, *, now: datetime) -> _Judgement:
    def value_to_store(name: str, value: Any) -> Any:
        # The job's own column, or an empty one that nobody else ever wrote: a figure that a person emptied stays empty.
        stored = getattr(row, name)
        may_set = name in writers.own or (stored is None and name not in writers.others)
        return value if may_set else stored

    rate = value_to_store("actual_engagement_rate", outcome.engagement_rate)
    requests = value_to_store("actual_consultation_requests", outcome.consultation_requests)
    # Where somebody has emptied a figure there is nothing to compute from: the stored accuracy stays.
    computed = row.prediction_accuracy
    if rate is not None and requests is not None:
        computed = prediction_accuracy(
            predicted_rate=row.predicted_engagement_rate,
            actual_rate=rate,
            predicted_requests=row.predicted_consultation_requests,
            actual_requests=requests,
        )
    accuracy = value_to_store("prediction_accuracy", computed)
    return _Judgement(row, rate, requests, accuracy, value_to_store("validated_at", now))
