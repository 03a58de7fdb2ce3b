"""What the line says, and that it says nothing where nothing is stale."""

from collections.abc import Sequence
from typing import Any

import pytest

from synapse.console.health.facts import Facts
from synapse.console.health.stale_data import stale_data_sentences
from synapse.kit.jobs.cluster_health import ClusterHealth, ClusterState
from tests.unit.synapse.console.health.standings import NOW, ago, cluster


def _said(facts: Facts, clusters: Sequence[ClusterHealth] = ()) -> list[str]:
    return stale_data_sentences(facts, clusters, NOW)


def test_a_fresh_site_has_nothing_stale() -> None:
    assert _said(Facts()) == []


def test_a_site_that_runs_has_nothing_stale() -> None:
    up = cluster(ClusterState.UP, answered_at=ago(seconds=5))

    assert _said(Facts(refreshed_at=ago(hours=9)), [up]) == []


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


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"refreshed_at": ago(hours=9, seconds=1)}, "The summaries have not been refreshed by the clock since 04:59."),
        (
            {"refresh_asked_at": ago(days=2)},
            "The summaries have not been refreshed by the clock since 14:00 (21 Nov 2026).",
        ),
    ],
)
def test_old_views_are_said(facts: dict[str, Any], sentence: str) -> None:
    assert _said(Facts(**facts)) == [sentence]
