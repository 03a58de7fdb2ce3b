"""The parts that the business core's database tells of: the queue, the workers, sync, validation, mails.

What lives here: judging what was read. What does not: reading it (facts, kit.jobs.cluster_health, notices).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings

from legacy_import.jobs import SYNC_LEGACY
from synapse.console.health.facts import Facts, read_facts
from synapse.console.health.limits import (
    QUEUE_LATE_AFTER,
    VALIDATION_LATE_AFTER,
    is_synced_by_clock,
    late_syncs,
    sync_late_after,
)
from synapse.kit.jobs.cluster_health import ClusterHealth, ClusterState, cluster_states
from synapse.kit.notices.outbox import Undelivered, undelivered_mail
from synapse.kit.panels.health import Part, Status, age_of


def core_parts(now: datetime) -> list[Part]:
    """Return the parts, asked of `default`."""
    facts = read_facts(now)
    return [
        broker_part(facts, now),
        worker_part(cluster_states(now), now),
        sync_part(facts, now, legacy_is_alive=settings.LEGACY_IS_ALIVE),
        validation_part(facts, now),
        _mail_part(now),
    ]


def broker_part(facts: Facts, now: datetime) -> Part:
    """Judge the queue by its oldest message that is due."""
    age = age_of(facts.waiting_since, now)
    if age is None:
        return Part("broker", Status.OK, "No message waits in the queue.")
    is_late = age > QUEUE_LATE_AFTER
    messages = "1 message waits" if facts.waiting == 1 else f"{facts.waiting} messages wait"
    return Part("broker", Status.LATE if is_late else Status.OK, f"{messages} for a worker.", age)


def worker_part(clusters: Sequence[ClusterHealth], now: datetime) -> Part:
    """Judge the clusters: one that takes jobs is enough to work, each that does not is worth a look."""
    sentence = " ".join(f"{one.cluster.host}: {one.sentence}" for one in clusters)
    answers = [one.cluster.answered_at for one in clusters if one.cluster.answered_at]
    age = age_of(max(answers, default=None), now)
    if not clusters:
        return Part("worker", Status.LATE, "No worker was ever started: manage.py supervise_jobs starts them.")
    if all(one.is_up for one in clusters):
        return Part("worker", Status.OK, sentence, age)
    helps = any(one.state in {ClusterState.UP, ClusterState.STARTING} for one in clusters)
    return Part("worker", Status.LATE if helps else Status.FAILING, sentence, age)


def sync_part(facts: Facts, now: datetime, *, legacy_is_alive: bool) -> Part:
    """Judge how long ago the legacy files were last looked at; once these are switched off, nothing is late."""
    age = age_of(min((sync.checked_at for sync in facts.syncs), default=None), now)
    if not legacy_is_alive:
        return Part("sync", Status.OK, "The legacy side is switched off (LEGACY_IS_ALIVE=off).")
    if not facts.syncs:
        return Part("sync", Status.OK, "No source has been imported yet.")
    if not is_synced_by_clock(facts, SYNC_LEGACY.name):
        return Part("sync", Status.OK, f"The job {SYNC_LEGACY.name} is paused or has no schedule.", age)
    late = late_syncs(facts.syncs, limit=sync_late_after(facts.sync_cron or "", now), now=now)
    if late:
        return Part("sync", Status.LATE, f"Not in step: {', '.join(sync.source for sync in late)}.", age)
    sources = "1 source was" if len(facts.syncs) == 1 else f"{len(facts.syncs)} sources were"
    return Part("sync", Status.OK, f"{sources} looked at in time.", age)


def validation_part(facts: Facts, now: datetime) -> Part:
    """Judge the age of the last validation that passed; before the first one nothing is late."""
    age = age_of(facts.passed_at, now)
    if facts.validated_at is None:
        return Part("validation", Status.OK, "Nothing has been validated yet.")
    if not facts.validation_passed:
        return Part("validation", Status.LATE, "The last validation failed.", age)
    is_late = age is not None and age > VALIDATION_LATE_AFTER
    return Part("validation", Status.LATE if is_late else Status.OK, "The last validation passed.", age)


def _mail_part(now: datetime) -> Part:
    stuck = undelivered_mail(now)
    return Part(
        "mail", Status.LATE if stuck else Status.OK, stuck.sentence or "Every mail got out.", _since(stuck, now)
    )


def _since(stuck: Undelivered, now: datetime) -> timedelta | None:
    return age_of(stuck.since, now) if stuck else None
