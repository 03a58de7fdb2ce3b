"""Every role at every page, opening and sending: let in where its permissions say so, and nowhere else."""

from collections.abc import Iterator
from contextlib import ExitStack
from copy import deepcopy
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client

from synapse.console.people.roles import Role, ensure_roles, role_permissions
from synapse.foundation.databases import ALIASES
from tests.every_page.addresses import Address, every_address
from tests.every_page.paths import paths_of
from tests.integration.every_page.answers import Answer, answer_of, no_of, yes_of
from tests.integration.every_page.expectations import Rule, rule_of
from tests.integration.every_page.role_table import DOCUMENT, with_table

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

# Two tests, for two processes: each takes half the time.
_HALVES = [("", "a stranger", "nobody yet", Role.SALES, Role.ANALYST), (Role.MIGRATION_OPERATOR, Role.ADMINISTRATOR)]


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at the door; without a name nobody has signed in."""

    name: str
    held: frozenset[str]
    is_staff: bool


def test_each_address_says_who_may_open_it() -> None:
    assert [str(address) for address in every_address() if rule_of(address) is None] == []


@pytest.mark.parametrize("names", _HALVES, ids=["from nobody to the analyst", "operator and administrator"])
def test_each_role_gets_in_where_it_may_and_nowhere_else(
    names: tuple[str, ...], furnished: Path, quiet_refusals: None
) -> None:
    visitors = [visitor for visitor in _visitors() if visitor.name in names]

    wrong = [line for visitor in visitors for line in _round(visitor)]

    assert not wrong, "\n".join(wrong)


def test_the_halves_are_everybody() -> None:
    assert sorted(visitor.name for visitor in _visitors()) == sorted(name for half in _HALVES for name in half)


def test_the_table_in_the_documentation_is_what_holds() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")

    assert document == with_table(document), "make roles writes it anew"


def test_the_groups_hold_what_the_roles_declare() -> None:
    for role in Role:
        held = set(Group.objects.get(name=role.value).permissions.all())
        assert held == role_permissions(role), role


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
    signed_in = deepcopy(client.cookies)
    for address in every_address():
        rule = rule_of(address)
        for path, verb in product(paths_of(address), ("get", "post")):
            # One address signs out, and whoever came after it would come as nobody.
            client.cookies = deepcopy(signed_in)
            response = _response(client, verb, path)
            if rule is not None and answer_of(response) not in _right(address, verb, rule, visitor):
                came = f"{response.status_code} {response.headers.get('Location', '')}".rstrip()
                yield f"{visitor.name or 'nobody'}: {verb} {address} ({path}) answers {came}"


def _response(client: Client, verb: str, path: str) -> HttpResponseBase:
    """Return the response; whatever the request wrote is taken back."""
    with ExitStack() as taken_back:
        for alias in ALIASES:
            taken_back.enter_context(transaction.atomic(using=alias))
        response = client.generic(verb.upper(), path)
        for alias in ALIASES:
            transaction.set_rollback(True, using=alias)
    return response


def _right(address: Address, verb: str, rule: Rule, visitor: Visitor) -> set[Answer]:
    """Return what this visitor may be answered."""
    need, other = (rule.get, rule.post) if verb == "get" else (rule.post, rule.get)
    if need is not None:
        is_let_in = need.is_met(visitor.held, is_staff=visitor.is_staff)
        return yes_of(address, verb) if is_let_in else no_of(address, is_staff=visitor.is_staff)
    # Whom the page lets in hears that it does not know the verb; of the others a page may ask who they are first.
    knows_the_page = other is not None and other.is_met(visitor.held, is_staff=visitor.is_staff)
    return {Answer.WRONG_VERB} | (set() if knows_the_page else no_of(address, is_staff=visitor.is_staff))
