"""What the line says, and that it says nothing where nothing is stale."""

from collections.abc import Sequence
from typing import Any

import pytest

from synapse.console.health.facts import Facts
from synapse.console.health.stale_data import stale_sentences
from synapse.kit.jobs.cluster_health import ClusterHealth, ClusterState
from tests.unit.synapse.console.health.standings import NOW, ago, cluster, sync

EVERY_QUARTER = "*/15 * * * *"


def _said(facts: Facts, clusters: Sequence[ClusterHealth] = (), *, legacy_is_alive: bool = True) -> list[str]:
    return stale_sentences(facts, clusters, NOW, legacy_is_alive=legacy_is_alive)


def test_a_fresh_site_has_nothing_stale() -> None:
    assert _said(Facts(sync_cron=EVERY_QUARTER)) == []


def test_a_site_that_runs_has_nothing_stale() -> None:
    facts = Facts(
        syncs=(sync("primary", checked_at=ago(minutes=20)),),
        validated_at=ago(hours=9),
        refreshed_at=ago(hours=8),
        sync_cron=EVERY_QUARTER,
    )

    assert _said(facts, [cluster(ClusterState.UP, answered_at=ago(seconds=5))]) == []


@pytest.mark.parametrize("state", [ClusterState.DOWN, ClusterState.NOT_ANSWERING, ClusterState.STOPPED])
def test_no_worker_is_said_since_the_last_answer(state: ClusterState) -> None:
    said = _said(Facts(), [cluster(state, answered_at=ago(minutes=3))])

    assert said == ["No worker has answered since 13:57, so no job runs."]


@pytest.mark.parametrize("state", [ClusterState.UP, ClusterState.STARTING])
def test_one_cluster_at_work_is_enough(state: ClusterState) -> None:
    assert _said(Facts(), [cluster(ClusterState.DOWN), cluster(state)]) == []


def test_jobs_that_wait_where_no_worker_was_ever_started_are_said() -> None:
    assert _said(Facts(waiting=1, waiting_since=ago(minutes=4))) == []
    assert _said(Facts(waiting=1, waiting_since=ago(minutes=6))) == [
        "Jobs wait since 13:54, and no worker has been started."
    ]


def test_late_sources_are_named_three_at_most() -> None:
    syncs = tuple(sync(name, checked_at=ago(hours=hours)) for hours, name in enumerate("abcde", start=1))

    assert _said(Facts(syncs=syncs, sync_cron=EVERY_QUARTER)) == [
        "Legacy changes are missing since 09:00: a, b, c and 2 more."
    ]


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"refreshed_at": ago(hours=10)}, "The summaries have not been refreshed by the clock since 04:00."),
        (
            {"refresh_asked_at": ago(days=2)},
            "The summaries have not been refreshed by the clock since 14:00 (21 Nov 2026).",
        ),
        (
            {"validated_at": ago(hours=30)},
            "Nothing has been compared with the legacy files since 08:00 (22 Nov 2026).",
        ),
        (
            {"validated_at": ago(hours=9), "validation_passed": False},
            "The validation of 05:00 failed; its report says which checks did not pass.",
        ),
    ],
)
def test_old_views_and_validations_are_said(facts: dict[str, Any], sentence: str) -> None:
    assert _said(Facts(**facts)) == [sentence]


def test_once_the_legacy_side_is_switched_off_nothing_of_them_is_stale() -> None:
    facts = Facts(
        syncs=(sync("primary", checked_at=ago(days=9), error="gone"),),
        validated_at=ago(days=9),
        validation_passed=False,
        sync_cron=EVERY_QUARTER,
    )

    assert _said(facts, legacy_is_alive=False) == []
