"""Two people who save in the same moment: the second waits, then sees what the first did."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, connections, transaction

from business_core.models import BusinessPipeline, ConsultationInquiry
from tests.factories import make_inquiry
from tests.integration.synapse.kit.admin.browser_form import submitted
from tests.integration.synapse.kit.admin.concurrent_edits.two_people import Person, page_of, person

pytestmark = pytest.mark.django_db(transaction=True)


class _Saving:
    """Somebody in the middle of saving: the row is written, and committed once somebody else waits for it."""

    def __init__(self, write: Callable[[], Any]) -> None:
        self._write_state = write
        self._written = threading.Event()
        self.somebody_waited = False
        self._thread = threading.Thread(target=self._run)

    def begin(self) -> None:
        self._thread.start()
        assert self._written.wait(10)

    def end(self) -> None:
        self._thread.join(20)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        try:
            with transaction.atomic():
                self._write_state()
                self._written.set()
                self.somebody_waited = _somebody_waits()
        finally:
            connections.close_all()


def _somebody_waits() -> bool:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    pause = threading.Event()
    with connection.cursor() as cursor:
        for _ in range(100):
            # Within a transaction the view stands still unless it is told to look again.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(waiting)
            if cursor.fetchone() != (0,):
                return True
            pause.wait(0.05)
    return False


@contextmanager
def _meanwhile(write: Callable[[], Any]) -> Iterator[None]:
    saving = _Saving(write)
    saving.begin()
    yield
    saving.end()
    assert saving.somebody_waited


@pytest.fixture
def ada() -> Person:
    return person("ada")


def test_the_second_page_waits_for_the_first_and_shows_both(ada: Person) -> None:
    inquiry = make_inquiry(status="new")
    fields = ada.opens(inquiry)

    with _meanwhile(lambda: ConsultationInquiry.objects.update(status="contacted")):
        answer = ada.saves(inquiry, fields, status="qualified")

    assert len(answer.context["conflicts"]) == 1
    inquiry.refresh_from_db()
    assert inquiry.status == "contacted"


def test_the_second_page_waits_for_a_deletion(ada: Person) -> None:
    inquiry = make_inquiry(status="new")
    fields = ada.opens(inquiry)

    page = page_of(inquiry)

    with _meanwhile(ConsultationInquiry.objects.all().delete):
        answer = ada.client.post(page, fields)

    assert answer.status_code == 410


def test_a_name_taken_in_the_same_moment_is_refused_with_a_sentence(ada: Person) -> None:
    page = "/admin/business_core/businesspipeline/add/"
    fields = submitted(ada.client.get(page).content.decode())

    with _meanwhile(lambda: BusinessPipeline.objects.create(month="2025-08")):
        answer = ada.client.post(page, fields | {"month": "2025-08", "total_posts": "7"})

    assert answer.context["adminform"].form.errors
    assert submitted(answer.content.decode())["total_posts"] == "7"
    assert BusinessPipeline.objects.count() == 1
