"""The metrics: who may read them, that Prometheus' own parser can, and that the figures are the databases'."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from legacy_import.models import SourceSync
from synapse.foundation.materialized_views import refresh_views
from synapse.kit.jobs.models import WorkerCluster
from synapse.kit.notices.models import Kind
from synapse.kit.notices.raising import raise_notice
from tests.factories import make_job_run, make_validation
from tests.people import clerk

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

UNITS = re.compile("_(age|duration|timestamp|database_size)(_|$)")
_ENDS = ("_seconds", "_bytes")


def _samples(client: Client, token: dict[str, str]) -> list[Sample]:
    answer = client.get("/metrics", headers=token)
    assert answer.status_code == 200
    families = list(text_string_to_metric_families(answer.content.decode()))
    assert all(family.documentation and family.type in {"gauge", "counter"} for family in families)
    return [sample for family in families for sample in family.samples]


def _value(samples: list[Sample], name: str, **labels: str) -> float:
    (found,) = [one.value for one in samples if one.name == f"synapse_{name}" and one.labels == labels]
    return found


def test_only_the_token_and_people_who_may_look_at_jobs_read_them(client: Client, token: dict[str, str]) -> None:
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics").headers["WWW-Authenticate"] == 'Bearer realm="metrics"'
    assert client.get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 401
    assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 401
    assert client.get("/metrics", headers=token).status_code == 200
    client.force_login(clerk())
    assert client.get("/metrics").status_code == 403
    client.force_login(clerk("view_jobrun", name="operator"))
    assert client.get("/metrics").status_code == 200


def test_without_a_token_in_the_settings_no_token_opens_them(client: Client) -> None:
    assert client.get("/metrics", headers={"authorization": "Bearer"}).status_code == 401
    assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 401


def test_the_figures_are_the_databases(client: Client, token: dict[str, str]) -> None:
    now = timezone.now()
    for minutes in (30, 10):
        began = now - timedelta(minutes=minutes)
        make_job_run(state="done", queued_at=began, started_at=began, finished_at=began + timedelta(seconds=42))
    make_job_run(state="given_up", queued_at=now, finished_at=now)
    WorkerCluster.objects.create(
        host="far",
        process_id=7,
        cluster_process_id=8,
        answered_at=now,
        restarts=3,
        workers=[{"pid": 9, "state": "idle"}],
    )
    SourceSync.objects.create(source="primary", checked_at=now - timedelta(seconds=90), error="gone")
    make_validation(passed=False, begun_at=now - timedelta(hours=1))
    raise_notice(Kind.FAILED_VALIDATION, key="", title="t", text="", permission="job_base.run_job")

    refresh_views(alias="analytics")

    samples = _samples(client, token)

    last = (now - timedelta(minutes=10, seconds=-42)).timestamp()
    job = {"job": "refresh-views"}
    assert _value(samples, "job_runs", **job, state="done") == 2
    assert _value(samples, "job_runs", **job, state="given_up") == 1
    assert _value(samples, "job_last_success_timestamp_seconds", **job) == pytest.approx(last, abs=0.01)
    assert _value(samples, "job_last_success_duration_seconds", **job) == 42
    assert _value(samples, "worker_clusters", state="up") == 1
    assert _value(samples, "workers", host="far", process="7") == 1
    assert _value(samples, "worker_restarts_total", host="far", process="7") == 3
    assert _value(samples, "source_sync_age_seconds", source="primary") == pytest.approx(90, abs=5)
    assert _value(samples, "source_sync_failed", source="primary") == 1
    assert _value(samples, "validation_passed") == 0
    assert _value(samples, "notices_open", kind="failed_validation") == 1
    for alias in ("default", "analytics", "revenue"):
        assert _value(samples, "database_up", database=alias) == 1
        assert _value(samples, "database_size_bytes", database=alias) > 1_000_000
        assert _value(samples, "quarantined_rows", database=alias) == 0
    assert _value(samples, "view_age_seconds", database="analytics", view="top_performing_patterns") >= 0


def test_names_say_their_unit(client: Client, token: dict[str, str]) -> None:
    names = {sample.name for sample in _samples(client, token)}

    assert all(name.startswith("synapse_") for name in names)
    assert {name for name in names if UNITS.search(name)} == {name for name in names if name.endswith(_ENDS)}
