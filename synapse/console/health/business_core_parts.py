"""The parts of readiness that the business core's database answers for: queue, workers, the apps' data, mails."""

from collections.abc import Sequence
from datetime import datetime

from synapse.console.health.facts import Facts, read_health_facts
from synapse.console.health.limits import QUEUE_LATE_AFTER
from synapse.foundation.containment import contain_errors
from synapse.kit.jobs.cluster_health import ClusterHealth, ClusterState, read_cluster_health
from synapse.kit.notices.outbox import undelivered_mail
from synapse.kit.panels.health import HEALTH_PROBES, Part, Status, elapsed_since


def business_core_parts(now: datetime) -> list[Part]:
    """Return the parts of readiness read from the business core's database."""
    facts = read_health_facts(now)
    stuck = undelivered_mail(now)
    return [
        broker_part(facts, now),
        worker_part(read_cluster_health(now), now),
        *_probe_parts(facts, now),
        Part(
            "mail",
            Status.LATE if stuck else Status.OK,
            stuck.sentence or "Every mail got out.",
            elapsed_since(stuck.since, now) if stuck else None,
        ),
    ]


def _probe_parts(facts: Facts, now: datetime) -> list[Part]:
    parts: list[Part] = []
    for probe in HEALTH_PROBES.in_order():
        with contain_errors(f"health probe {probe.name}") as trouble:
            parts += probe.parts(facts.by_probe[probe.name], now)
        if trouble:
            parts.append(Part(probe.name, Status.FAILING, f"{trouble.sentence}."))
    return parts


def broker_part(facts: Facts, now: datetime) -> Part:
    """Judge the queue by its oldest message that is due."""
    age = elapsed_since(facts.waiting_since, now)
    if age is None:
        return Part("broker", Status.OK, "No message waits in the queue.")
    is_late = age > QUEUE_LATE_AFTER
    messages = "1 message waits" if facts.waiting == 1 else f"{facts.waiting} messages wait"
    return Part("broker", Status.LATE if is_late else Status.OK, f"{messages} for a worker.", age)


def worker_part(clusters: Sequence[ClusterHealth], now: datetime) -> Part:
    """Judge the clusters: one that takes jobs is enough to work, each that does not is worth a look."""
    sentence = " ".join(f"{one.cluster.host}: {one.sentence}" for one in clusters)
    answers = [one.cluster.answered_at for one in clusters if one.cluster.answered_at]
    age = elapsed_since(max(answers, default=None), now)
    if not clusters:
        return Part("worker", Status.LATE, "No worker was ever started: manage.py supervise_jobs starts them.")
    if all(one.is_up for one in clusters):
        return Part("worker", Status.OK, sentence, age)
    helps = any(one.state in {ClusterState.UP, ClusterState.STARTING} for one in clusters)
    return Part("worker", Status.LATE if helps else Status.FAILING, sentence, age)
