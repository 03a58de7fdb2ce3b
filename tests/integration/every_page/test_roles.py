"""Every role at every page, opening and sending: let in where its permissions say so, and nowhere else."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.test import Client

from synapse.databases import ALIASES
from synapse.roles import Role, ensure_roles, permissions_of
from tests.every_page.addresses import Address, every_address
from tests.every_page.paths import paths_of
from tests.integration.every_page.expectations import Need, Rule, rule_of
from tests.integration.every_page.role_table import DOCUMENT, with_table

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_FOUND, _UNKNOWN, _REFUSED, _SERVER_ERROR, _WRONG_VERB = 302, 401, 403, 500, 405


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at the door; without a name nobody has signed in."""

    name: str
    held: frozenset[str]
    is_staff: bool


def test_each_address_says_who_may_open_it() -> None:
    assert [str(address) for address in every_address() if rule_of(address) is None] == []


def test_each_role_gets_in_where_it_may_and_nowhere_else(furnished: Path, quiet_refusals: None) -> None:
    wrong = [line for visitor in _visitors() for line in _round(visitor)]

    assert not wrong, "\n".join(wrong)


def test_the_table_in_the_documentation_is_what_holds() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")

    assert document == with_table(document), "make roles writes it anew"


def test_the_groups_hold_what_the_roles_declare() -> None:
    for role in Role:
        held = set(Group.objects.get(name=role.value).permissions.all())
        assert held == permissions_of(role), role


def _visitors() -> list[Visitor]:
    ensure_roles()
    User.objects.create_user("a stranger", is_staff=False)
    people = [Visitor("", frozenset(), is_staff=False), Visitor("a stranger", frozenset(), is_staff=False)]
    User.objects.create_user("nobody yet", is_staff=True)
    people.append(Visitor("nobody yet", frozenset(), is_staff=True))
    for role in Role:
        person = User.objects.create_user(role.value, is_staff=True)
        person.groups.add(Group.objects.get(name=role.value))
        people.append(Visitor(role.value, frozenset(person.get_all_permissions()), is_staff=True))
    return people


def _round(visitor: Visitor) -> Iterator[str]:
    """Try every address with both verbs; return a line for each surprise."""
    client = Client(raise_request_exception=False)
    if visitor.name:
        client.force_login(User.objects.get(username=visitor.name))
    for address in every_address():
        rule = rule_of(address)
        if rule is not None:
            for path in paths_of(address):
                yield from _surprises(client, visitor, address, path, rule)


def _surprises(client: Client, visitor: Visitor, address: Address, path: str, rule: Rule) -> Iterator[str]:
    for verb, need in (("get", rule.get), ("post", rule.post)):
        status, place = _answer(client, verb, path)
        if status != _expected(status, place, need, visitor):
            yield f"{visitor.name or 'nobody'}: {verb} {address} ({path}) answers {status} {place}".rstrip()


def _answer(client: Client, verb: str, path: str) -> tuple[int, str]:
    """Return the status and where it leads; whatever the request wrote is taken back."""
    with ExitStack() as taken_back:
        for alias in ALIASES:
            taken_back.enter_context(transaction.atomic(using=alias))
        response = client.generic(verb.upper(), path)
        for alias in ALIASES:
            transaction.set_rollback(True, using=alias)
    return response.status_code, response.headers.get("Location", "")


def _expected(status: int, place: str, need: Need | None, visitor: Visitor) -> int:
    """Return the status itself where it is right, another one where it is not."""
    to_login = status == _FOUND and place.startswith("/admin/login/")
    kept_out = status in {_UNKNOWN, _REFUSED} or to_login
    if need is None:
        return status if status == _WRONG_VERB or (kept_out and not visitor.is_staff) or kept_out else _WRONG_VERB
    if need.is_met(visitor.held, is_staff=visitor.is_staff):
        return _FOUND if kept_out or status >= _SERVER_ERROR else status
    return status if kept_out or status == _WRONG_VERB else _REFUSED
