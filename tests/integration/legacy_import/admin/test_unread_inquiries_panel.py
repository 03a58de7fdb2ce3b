"""Front page and pipeline dashboard say which inquiries could not be read, and what each person can do about it."""

from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from synapse.console.people.roles import Role, ensure_roles
from synapse.foundation.databases import ALIASES
from tests.imports import execute, run_import
from tests.integration.legacy_import.admin.archive_pages import clerk
from tests.integration.legacy_import.admin.quarantine_pages import desk
from tests.legacy_files import PRIMARY, change

pytestmark = pytest.mark.django_db(databases=ALIASES)

PAGES = ["/admin/", "/admin/dashboards/pipeline/"]
SENTENCE = "3 inquiries worth $75,000 could not be read"
SPOIL = "UPDATE consultation_inquiries SET created_at = 'yesterday', estimated_value = 25000 WHERE rowid <= 3"


@pytest.fixture
def refused(legacy_dir: Path) -> Path:
    change(legacy_dir / PRIMARY, SPOIL)
    assert run_import("primary", legacy_dir).status == "quarantined"
    return legacy_dir


def page_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def with_role(client: Client, role: Role) -> Client:
    ensure_roles()
    person = User.objects.create_user("person", is_staff=True)
    person.groups.set(Group.objects.filter(name=role))
    client.force_login(person)
    return client


@pytest.mark.parametrize("path", PAGES)
def test_sales_read_how_much_is_missing_and_whom_to_ask(client: Client, refused: Path, path: str) -> None:
    page = page_of(with_role(client, Role.SALES), path)

    assert f"<h2>{SENTENCE}</h2>" in page
    assert "To settle them, ask someone with the role administrator or migration operator." in page
    assert f'<a href="{desk()}">See the quarantine</a>' in page


@pytest.mark.parametrize("path", PAGES)
def test_who_may_settle_gets_the_way_to_the_desk(client: Client, refused: Path, path: str) -> None:
    page = page_of(with_role(client, Role.MIGRATION_OPERATOR), path)

    assert f'<a href="{desk()}">Settle them in the quarantine</a>' in page
    assert "ask someone" not in page


@pytest.mark.parametrize("path", PAGES)
def test_who_may_not_open_the_desk_gets_no_link_to_it(client: Client, refused: Path, path: str) -> None:
    client.force_login(clerk("view_consultationinquiry", "settle_quarantine"))

    page = page_of(client, path)

    assert SENTENCE in page
    assert "To settle them, ask" in page
    assert desk() not in page


def test_who_may_see_no_inquiry_reads_nothing_of_them(client: Client, refused: Path) -> None:
    client.force_login(clerk("view_post"))

    assert "could not be read" not in page_of(client, "/admin/")


@pytest.mark.parametrize("path", PAGES)
def test_it_goes_by_itself_with_the_last_of_them(client: Client, refused: Path, path: str) -> None:
    change(refused / PRIMARY, "UPDATE consultation_inquiries SET created_at = '2025-08-01T10:00:00' WHERE rowid <= 3")
    execute("default", "DISCARD TEMP")
    run_import("primary", refused)

    assert "could not be read" not in page_of(with_role(client, Role.SALES), path)


def test_the_bell_counts_it_for_sales_and_leads_to_a_page_they_may_open(client: Client, refused: Path) -> None:
    page = page_of(with_role(client, Role.SALES), "/admin/notices/")

    assert SENTENCE in page
    assert 'href="/admin/dashboards/pipeline/"' in page


def test_a_role_with_a_hostile_name_writes_no_html(client: Client, refused: Path) -> None:
    client.force_login(clerk("view_consultationinquiry"))
    Group.objects.all().delete()
    ensure_roles()
    Group.objects.filter(name=Role.ADMINISTRATOR).update(name="<script>alert(1)</script>")

    page = page_of(client, "/admin/")

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert(1)" not in page
