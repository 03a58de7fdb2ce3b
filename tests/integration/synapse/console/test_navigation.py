"""The sidebar and the tabs between the databases."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client, RequestFactory

from synapse.console.navigation import database_tabs, sidebar_groups
from synapse.console.people.roles import Role, ensure_roles

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])


def _titles(role: Role) -> dict[str, list[str]]:
    ensure_roles()
    person = User.objects.create_user(role.value, is_staff=True)
    person.groups.add(Group.objects.get(name=role.value))
    request = RequestFactory().get("/admin/")
    request.user = person
    return {group["title"]: [item["title"] for item in group["items"]] for group in sidebar_groups(request)}


def test_each_role_sees_the_ways_it_may_go() -> None:
    groups = {role: _titles(role) for role in Role}

    assert "People" in groups[Role.ADMINISTRATOR]
    assert all("People" not in groups[role] for role in set(Role) - {Role.ADMINISTRATOR})
    assert "Jobs" in groups[Role.MIGRATION_OPERATOR]
    assert "Jobs" not in groups[Role.SALES]
    assert "Inquiries" in groups[Role.ANALYST]["Pipeline"]


def test_a_person_without_a_role_sees_today_and_notices_only(client: Client) -> None:
    request = RequestFactory().get("/admin/")
    request.user = User.objects.create_user("nobody yet", is_staff=True)

    assert [item["title"] for group in sidebar_groups(request) for item in group["items"]] == ["Today", "Notices"]


def test_tabs_lead_from_database_to_database(admin_client: Client) -> None:
    page = admin_client.get("/admin/legacy_import/revenuerun/").content.decode()

    assert 'href="/admin/legacy_import/businesscorerun/"' in page
    assert 'href="/admin/legacy_import/analyticsrun/"' in page


def test_tables_of_one_database_have_no_tabs(admin_user: User) -> None:
    request = RequestFactory().get("/admin/")
    request.user = admin_user

    tabbed = {model for tab in database_tabs(request) for model in tab["models"] if isinstance(model, str)}

    assert "business_core.consultationinquiry" not in tabbed
    assert "legacy_import.businesscorerun" in tabbed
