"""What /health/live and /health/ready answer: to whom, in which shape, with which status."""

import socket
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from synapse.console.health.readiness import readiness_cache
from synapse.kit.jobs.models import WorkerCluster
from tests.people import clerk

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

PARTS = [
    *("database default", "broker", "worker", "sync", "validation", "mail"),
    *("database analytics", "view top_performing_patterns"),
    *("database revenue", "view revenue_pipeline_summary"),
]


@pytest.fixture
def no_analytics(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put a server that says nothing in the place of analytics."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        silent = {"ENGINE": "django.db.backends.postgresql", "HOST": "127.0.0.1", "PORT": server.getsockname()[1]}
        monkeypatch.setitem(connections.settings, "analytics", {**connections.settings["analytics"], **silent})
        yield


def _dead_cluster() -> None:
    then = timezone.now() - timedelta(minutes=5)
    WorkerCluster.objects.create(
        host="a host far away", process_id=7, started_at=then, seen_at=then, answered_at=then - timedelta(seconds=30)
    )


def test_live_answers_and_asks_no_database(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/health/live")

    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer.headers["Cache-Control"].startswith("max-age=0, no-cache")


def test_ready_names_every_part_and_no_details_to_anybody(client: Client) -> None:
    _dead_cluster()

    answer = client.get("/health/ready")

    assert [part["name"] for part in answer.json()["parts"]] == PARTS
    assert {frozenset(part) for part in answer.json()["parts"]} == {frozenset({"name", "status", "age_seconds"})}
    assert b"far away" not in answer.content


def test_a_dead_worker_makes_it_503_and_its_age_is_said(client: Client) -> None:
    assert client.get("/health/ready").status_code == 200
    _dead_cluster()
    readiness_cache.invalidate()

    answer = client.get("/health/ready")

    worker = answer.json()["parts"][2]
    assert (answer.status_code, answer.json()["status"], worker["status"]) == (503, "failing", "failing")
    assert 330 <= worker["age_seconds"] < 340


def test_text_is_for_who_asks_for_text(client: Client) -> None:
    answer = client.get("/health/ready", headers={"accept": "text/plain"})

    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = answer.content.decode().splitlines()
    assert lines[0] == "late"
    assert "worker: late" in lines


def test_details_are_for_the_token_and_for_who_may_look_at_jobs(client: Client, token: dict[str, str]) -> None:
    _dead_cluster()

    assert "far away" in client.get("/health/ready", headers=token).content.decode()
    assert "far away" not in client.get("/health/ready", headers={"authorization": "Bearer x"}).content.decode()
    client.force_login(clerk("view_jobrun"))
    assert "far away" in client.get("/health/ready").content.decode()
    client.force_login(clerk(name="another"))
    assert "far away" not in client.get("/health/ready").content.decode()


def test_a_hanging_database_answers_503_within_three_seconds(client: Client, no_analytics: None) -> None:
    client.force_login(clerk("view_jobrun"))
    began = time.monotonic()

    answer = client.get("/health/ready")

    assert time.monotonic() - began < 3
    assert answer.status_code == 503
    failing = [part["name"] for part in answer.json()["parts"] if part["status"] == "failing"]
    assert failing == ["database analytics"]


def test_a_load_balancer_asks_for_some_parts(client: Client) -> None:
    _dead_cluster()

    answer = client.get("/health/ready?only=database")

    assert answer.status_code == 200
    assert [part["name"] for part in answer.json()["parts"]] == [name for name in PARTS if name.startswith("database")]
    assert client.get("/health/ready?only=worker&only=broker").status_code == 503
    assert client.get("/health/ready?only=everything").status_code == 404


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
def test_nothing_can_be_sent(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
