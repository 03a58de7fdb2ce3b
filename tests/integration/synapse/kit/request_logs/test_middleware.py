"""Each request has an id: on its answer, on its line, and on every line logged meanwhile."""

import logging
from collections.abc import Iterator
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from synapse.kit.request_logs.middleware import RequestLogMiddleware
from tests.log_lines import logged_events, only_event


def _answer_with(answer: HttpResponse, _request: HttpRequest) -> HttpResponse:
    return answer


def test_each_answer_has_an_id_of_its_own_that_its_line_has_too() -> None:
    with logged_events() as events:
        first, second = (Client().get("/no-such-page/") for _ in range(2))

    ids = [first["X-Request-ID"], second["X-Request-ID"]]
    assert len(set(ids)) == 2
    assert [event["request_id"] for event in events if event["event"] == "request.answered"] == ids


@pytest.mark.parametrize("offered", ["abcdef12", "0" * 64, "6c5bd87e-58b5-4d0e-9f0d-2f3b6f4b8a11"])
def test_a_well_formed_id_of_the_proxy_is_kept(offered: str) -> None:
    assert Client().get("/no-such-page/", headers={"X-Request-ID": offered})["X-Request-ID"] == offered


@pytest.mark.parametrize(
    "offered", [*("abcdef1", "0" * 65, "-abcdef12", "abc def12"), "abcdef12\x1b[2J", "äbcdef123", "a" * 7 + "\n"]
)
def test_an_ill_formed_id_is_replaced(offered: str) -> None:
    request = RequestFactory().get("/", headers={"X-Request-ID": offered})

    answer = RequestLogMiddleware(lambda _: HttpResponse())(request)

    assert answer["X-Request-ID"] != offered
    assert len(answer["X-Request-ID"]) == 16


@pytest.mark.django_db
def test_the_line_names_user_and_path_without_the_query(admin_user: User, client: Client) -> None:
    client.force_login(admin_user)

    with logged_events() as events:
        client.get("/admin/business_core/post/?q=somebody")

    line = only_event(events, "request.answered")
    assert (line["user"], line["user_id"], line["method"], line["status"]) == ("admin", admin_user.pk, "GET", 200)
    assert line["path"] == "/admin/business_core/post/"
    assert "somebody" not in str(events)
    assert line["address"] == "127.0.0.1"
    assert line["milliseconds"] >= 0


@pytest.mark.parametrize(
    ("status", "level"), [(200, "info"), (302, "info"), (400, "warning"), (404, "warning"), (500, "error")]
)
def test_the_level_follows_the_status(status: int, level: str) -> None:
    with logged_events() as events:
        RequestLogMiddleware(lambda _: HttpResponse(status=status))(RequestFactory().get("/admin/"))

    assert only_event(events, "request.answered")["level"] == level


@pytest.mark.parametrize("path", ["/health/live", "/metrics", "/static/a.css"])
def test_what_monitoring_asks_is_said_only_where_it_fails(path: str) -> None:
    with logged_events() as events:
        for answer in (HttpResponse(status=200), HttpResponse(status=503)):
            RequestLogMiddleware(partial(_answer_with, answer))(RequestFactory().get(path))

    assert only_event(events, "request.answered")["status"] == 503


def test_what_a_stream_logs_carries_the_id_and_its_failure_is_logged() -> None:
    def parts() -> Iterator[bytes]:
        yield b"a"
        logging.getLogger("library").warning("half way")
        raise ValueError("the rest is lost")

    answer = RequestLogMiddleware(lambda _: StreamingHttpResponse(parts()))(RequestFactory().get("/admin/"))
    with logged_events() as events, pytest.raises(ValueError, match="the rest is lost"):
        list(answer)

    assert {event["request_id"] for event in events} == {answer["X-Request-ID"]}
    assert only_event(events, "exception.contained")["error"] == "the rest is lost"


@pytest.mark.parametrize(
    ("behind_proxy", "forwarded", "expected"),
    [
        (False, "10.0.0.9", "127.0.0.1"),
        (True, "10.6.6.6, 10.0.0.9", "10.0.0.9"),
        (True, "", "127.0.0.1"),
        (True, "evil\x1b", ""),
    ],
)
def test_the_address_is_the_proxys_word_only_behind_one(
    settings: Settings, *, behind_proxy: bool, forwarded: str, expected: str
) -> None:
    settings.BEHIND_TLS_PROXY = behind_proxy
    request = RequestFactory().get("/admin/", headers={"X-Forwarded-For": forwarded} if forwarded else {})

    with logged_events() as events:
        RequestLogMiddleware(lambda _: HttpResponse())(request)

    assert only_event(events, "request.answered")["address"] == expected
