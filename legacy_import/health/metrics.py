"""The import's metrics: the age of each source's sync and of the validation, and what waits in each database."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import Metric

from legacy_import.health.facts import LegacyFacts
from legacy_import.models import Divergence
from legacy_import.services.quarantine_counts import count_quarantined_rows
from synapse.kit.panels.metric_families import PER_DATABASE, Samples, gauge_family, seconds_since


def legacy_metrics(facts: LegacyFacts, now: datetime) -> Iterator[Metric]:
    """Yield the families of sync and validation; a validation that never ran has no sample."""
    ages = (([sync.source], seconds_since(sync.checked_at, now)) for sync in facts.syncs)
    yield gauge_family("source_sync_age_seconds", "Time since the legacy file was last looked at.", ["source"], ages)
    failed = (([sync.source], float(bool(sync.error))) for sync in facts.syncs)
    yield gauge_family("source_sync_failed", "Whether that look went wrong.", ["source"], failed)
    validated_at = [facts.validated_at] if facts.validated_at else []
    passed: Samples = [((), float(facts.validation_passed)) for _ in validated_at]
    yield gauge_family("validation_passed", "Whether the last validation passed.", [], passed)
    age: Samples = [((), seconds_since(at, now)) for at in validated_at]
    yield gauge_family("validation_age_seconds", "Time since the last validation.", [], age)


def quarantine_metric(alias: str, _now: datetime) -> Metric:
    """Return how many rows of the database are in quarantine."""
    text = "Legacy rows that wait in quarantine."
    return gauge_family("quarantined_rows", text, PER_DATABASE, [([alias], count_quarantined_rows(alias))])


def divergence_metric(alias: str, _now: datetime) -> Metric:
    """Return how many divergences of the database wait for a choice."""
    undecided = Divergence.objects.using(alias).undecided().count()
    return gauge_family("divergences_open", "Values to choose between.", PER_DATABASE, [([alias], undecided)])
