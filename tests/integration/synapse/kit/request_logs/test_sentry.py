"""Reports to Sentry hold what the log holds and no more; a stand-in takes the place of the network."""

import json
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import sentry_sdk
from django.contrib.auth.models import User
from django.test import Client
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from synapse.foundation.logs import sentry
from synapse.foundation.logs.context import log_context
from synapse.foundation.logs.unforeseen import log_unforeseen_error
from tests.log_lines import logged_events, only_event

DSN = "https://key@sentry.invalid/1"
MESSAGE = "the cell of bob@example.com, password=hunter2"


class _Kept(Transport):
    """Keeps what would be sent."""

    def __init__(self) -> None:
        super().__init__()
        self.reports: list[Any] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.reports.append(envelope.get_event())


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Kept]:
    transport = _Kept()
    monkeypatch.setattr(sentry, "_state", {"reports": False})
    monkeypatch.setattr(sentry_sdk, "init", partial(sentry_sdk.init, transport=transport))
    assert sentry.start_sentry(DSN, environment="production")
    yield transport
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)


def test_without_an_address_nothing_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentry_sdk, "init", lambda **_: pytest.fail("it was started"))

    assert sentry.start_sentry("", environment="production") is False


def test_a_missing_package_is_said_in_the_log_and_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)

    with logged_events() as events:
        assert sentry.start_sentry(DSN, environment="production") is False

    assert only_event(events, "sentry.missing")["level"] == "warning"


def test_a_contained_exception_is_reported_with_its_ids_and_without_cells(kept: _Kept) -> None:
    with log_context(source="primary", run_id="r1"):
        log_unforeseen_error(ValueError(MESSAGE), unit="source primary")

    (report,) = kept.reports
    assert report["tags"] == {"source": "primary", "run_id": "r1"}
    (value,) = report["exception"]["values"]
    assert (value["type"], value["value"]) == ("ValueError", "the cell of (e-mail), password=[hidden]")
    assert "hunter2" not in json.dumps(report, default=str)


@pytest.mark.django_db
def test_a_fault_of_a_page_is_reported_without_the_person_the_query_and_the_cookies(
    kept: _Kept, admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError(MESSAGE)

    monkeypatch.setattr("synapse.kit.admin.site.find_pages", fail)
    client = Client(raise_request_exception=False)
    client.force_login(admin_user)

    answer = client.get("/admin/search/?s=somebody")

    (report,) = kept.reports
    text = json.dumps(report, default=str)
    assert report["tags"]["request_id"] == answer["X-Request-ID"]
    assert not any(
        word in text
        for word in ("somebody", "hunter2", "bob@", "sessionid", '"admin"', client.cookies["sessionid"].value)
    )
