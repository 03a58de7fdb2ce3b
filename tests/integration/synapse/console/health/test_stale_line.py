"""The line about stale data: on which pages, for whom, and when it goes."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from synapse.console.health.stale_data import cached_stale_data_sentences
from synapse.kit.jobs.models import WorkerCluster
from tests.people import clerk

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

LINE = "Some data is out of date."


@pytest.fixture
def dead_cluster() -> WorkerCluster:
    then = timezone.now() - timedelta(minutes=5)
    return WorkerCluster.objects.create(host="far", process_id=7, started_at=then, seen_at=then, answered_at=then)


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/business_core/post/", "/admin/business_core/", "/admin/password_change/"]
)
def test_staff_see_it_on_every_page(admin_client: Client, dead_cluster: WorkerCluster, path: str) -> None:
    page = admin_client.get(path).content.decode()

    assert page.count(LINE) == 1
    assert 'role="status"' in page
    assert "No worker has answered since" in page


def test_it_goes_when_its_cause_goes(admin_client: Client, dead_cluster: WorkerCluster) -> None:
    dead_cluster.delete()

    assert LINE not in admin_client.get("/admin/").content.decode()


def test_the_link_is_for_who_may_open_it(client: Client, dead_cluster: WorkerCluster) -> None:
    client.force_login(clerk())
    page = client.get("/admin/").content.decode()
    assert LINE in page
    assert "Look at Operations" not in page

    client.force_login(clerk("view_jobrun", name="operator"))
    assert '<a href="/admin/operations/">Look at Operations</a>' in client.get("/admin/").content.decode()


def test_nobody_sees_it_who_has_not_signed_in(client: Client, dead_cluster: WorkerCluster) -> None:
    assert LINE not in client.get("/admin/login/").content.decode()


def test_it_costs_two_queries_and_then_none_for_a_while(
    settings: pytest.FixtureRequest, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.STALE_DATA_SECONDS = 60  # type: ignore[attr-defined]  # pytest-django's
    cached_stale_data_sentences()
    with django_assert_num_queries(0):
        cached_stale_data_sentences()

    settings.STALE_DATA_SECONDS = 0  # type: ignore[attr-defined]  # as above
    with django_assert_num_queries(2):
        cached_stale_data_sentences()
