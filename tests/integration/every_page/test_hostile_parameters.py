"""No parameter of an address or a form that nobody would send is a server error, on any page."""

import itertools
import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, quote

import pytest
from django.contrib.admin import site
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client

from synapse.foundation.databases import ALIASES
from tests.every_page.addresses import Address, every_address
from tests.every_page.parameters import column_lookups, filter_names, names_read, prefilled_columns
from tests.every_page.paths import paths_of

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_NUL: Final = "a\0b"
_HUGE: Final = "9" * 30
_VALUES: Final = (_HUGE, "9" * 5_000, "0001-01-01", "9999-12-31", "0", "-1", "é\u202e%00<", "1e400", "{")
"""Beyond each type's range, the ends of the calendar, and texts that are none of these."""
_DISCONNECTS: Final = {"admin:logout"}
_OF_ACTIONS: Final = ("action", "_selected_action", "select_across", "index")


@pytest.fixture
def client_of_answers(admin_client: Client, quiet_refusals: None) -> Iterator[Client]:
    """Return a client that answers 500 as a browser would see it, without filling the log."""
    admin_client.raise_request_exception = False
    logging.getLogger("synapse").setLevel(logging.CRITICAL)
    yield admin_client
    logging.getLogger("synapse").setLevel(logging.NOTSET)


def _pages() -> Iterator[tuple[Address, str, dict[str, str]]]:
    """Yield each page with its path, and the parameters without which it can't be opened."""
    for address in every_address():
        if address.name and address.name not in _DISCONNECTS:
            for path in paths_of(address):
                place, _, query = path.partition("?")
                yield address, place, dict(parse_qsl(query, keep_blank_values=True))


def _pages_of_their_own() -> Iterator[tuple[Address, str, dict[str, str]]]:
    """Yield the pages, those that one admin class shows for each database only once."""
    seen = set()
    for address, path, needed in _pages():
        shown_by = (
            address.name if address.model is None else f"{type(site.get_model_admin(address.model))} {address.page}"
        )
        if shown_by not in seen:
            seen.add(shown_by)
            yield address, path, needed


@contextmanager
def _undone() -> Iterator[None]:
    """Take back what a request wrote, and the transaction it broke."""
    with ExitStack() as stack:
        for alias in ALIASES:
            stack.enter_context(transaction.atomic(using=alias))
        yield
        for alias in ALIASES:
            transaction.set_rollback(True, using=alias)


def _ask(client: Client, verb: str, path: str, sent: dict[str, Any]) -> HttpResponseBase:
    with _undone():
        answer: Any = getattr(client, verb)(path, sent)
        if answer.streaming:
            b"".join(answer.streaming_content)
        return answer  # type: ignore[no-any-return]


def test_nul_in_an_address_is_refused_by_every_page(furnished: Path, client_of_answers: Client) -> None:
    answers = {
        (path, name): _ask(client_of_answers, "get", path, {**needed, name: value}).status_code
        for _, path, needed in _pages()
        for name, value in (("q", _NUL), (_NUL, "q"))
    }

    assert {asked: status for asked, status in answers.items() if status != 400} == {}


@pytest.mark.parametrize("path", ["%00", "a%00/change/", "%ff%fe/", "%zz/", "%ed%a0%80/", "a_00/change/", "_ED_A0_80/"])
def test_a_path_that_no_key_has_is_no_server_error(client_of_answers: Client, path: str, db: None) -> None:
    for before in ("/", "/admin/", "/admin/business_core/post/", "/admin/operations/jobs/", "/admin/auth/user/"):
        assert client_of_answers.get(before + path, follow=True).status_code in {200, 400, 404}, before + path


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "no-such-charset"])
def test_halves_of_characters_are_refused_however_they_are_spelled(
    client_of_answers: Client, charset: str, db: None
) -> None:
    half = {"utf-7": "+2AA-", "unicode_escape": "\\ud800"}.get(charset, "a")

    answer = client_of_answers.get(
        f"/admin/business_core/post/?q={quote(half)}", headers={"content-type": f"text/plain; charset={charset}"}
    )

    assert answer.status_code in ({400} if charset != "no-such-charset" else {200, 400})


@pytest.mark.faults
def test_no_parameter_that_a_page_reads_is_a_server_error(furnished: Path, client_of_answers: Client) -> None:
    broken: list[Any] = []
    values = itertools.cycle(_VALUES)
    for address, path, needed in _pages_of_their_own():
        with names_read() as read:
            shown = _ask(client_of_answers, "get", path, needed)
        names = {*read, *filter_names(shown), *column_lookups(address)} - needed.keys()
        for name in sorted(names):
            value = _HUGE if "__" in name else next(values)
            if _ask(client_of_answers, "get", path, {**needed, name: value}).status_code >= 500:
                broken.append((path, name, value[:40]))
        for name in needed:
            broken += [
                (path, name, value[:40])
                for value in _VALUES
                if _ask(client_of_answers, "get", path, {**needed, name: value}).status_code >= 500
            ]

    assert broken == []


def test_a_prefilled_value_that_is_none_is_ignored(furnished: Path, client_of_answers: Client) -> None:
    statuses = {
        (path, value[:40]): _ask(
            client_of_answers, "get", path, dict.fromkeys(prefilled_columns(address), value)
        ).status_code
        for address, path, _ in _pages()
        if address.page == "add"
        for value in ("6f1c2c2e-8d0c-4f0e-9c53-0a3f6a1d8b11", _HUGE, "0001-01-01")
    }

    assert {asked: status for asked, status in statuses.items() if status not in {200, 403}} == {}


@pytest.mark.faults
def test_no_field_that_a_form_sends_is_a_server_error(furnished: Path, client_of_answers: Client) -> None:
    broken: list[Any] = []
    for address, path, needed in _pages_of_their_own():
        if address.page == "refresh":
            # A view can't be refreshed twice within the transaction of a test.
            continue
        with names_read() as read:
            _ask(client_of_answers, "post", path, needed)
        for value in (_NUL, '["\\u0000"]'):
            sent = dict.fromkeys({*read, *_OF_ACTIONS, *prefilled_columns(address)}, value)
            answer = _ask(client_of_answers, "post", path, sent | needed)
            if answer.status_code >= 500:
                broken.append((path, value[:40]))

    assert broken == []
