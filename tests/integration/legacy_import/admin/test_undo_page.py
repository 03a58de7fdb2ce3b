"""The page that undoes a run: what it shows, who may, and that what was shown is what is undone."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from pytest_django import Settings

from business_core.models import ConsultationInquiry, Post
from legacy_import.models import ImportRun
from legacy_import.services.undoing import latest_import
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.imports import run_import
from tests.integration.legacy_import.undo.undoing import everything, undo_latest
from tests.legacy_files import PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)

HOSTILE = "<script>alert('x')</script>\u202e"


@pytest.fixture
def run(legacy_dir: Path) -> ImportRun:
    run_import("primary", legacy_dir)
    return latest_import("primary")


def page(run: ImportRun, what: str = "undo") -> str:
    return f"/admin/legacy_import/businesscorerun/{run.pk}/{what}/"


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


def clerk(client: Client, *permissions: str) -> None:
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)


def confirm(client: Client, run: ImportRun, address: str = "") -> str:
    html = client.get(address or page(run)).content.decode()
    found = re.search(r'name="chain" value="([^"]*)"', html)
    assert found
    return client.post(page(run), {"chain": found[1]}, follow=True).content.decode()


def test_the_page_shows_what_would_go_and_changes_nothing(admin_client: Client, run: ImportRun) -> None:
    before = everything("default")
    inquiry = ConsultationInquiry.objects.order_by("pk")[0]
    with attribute_changes_to(HOSTILE):
        ConsultationInquiry.objects.filter(pk=inquiry.pk).update(company="Edited here")

    html = admin_client.get(page(run)).content.decode()

    words = " ".join(re.sub(r"<[^>]*>", " ", html).split())
    assert "14 rows of consultation_inquiries gone" in words
    assert "changed here: the row stays" in words
    assert f"/admin/business_core/consultationinquiry/{inquiry.pk}/change/" in html
    assert "<script>alert('x')" not in html
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;⟨U+202E⟩" in html
    assert everything("default")["ledger"] == before["ledger"]
    assert not ImportRun.objects.filter(kind="undo").exists()


@pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)
def test_the_button_undoes_and_the_pages_lead_both_ways(admin_client: Client, run: ImportRun) -> None:
    assert f'href="{page(run)}">Undo this import<' in admin_client.get(page(run, "change")).content.decode()

    told = confirm(admin_client, run)

    assert "15 rows of consultation_inquiries gone; 7 rows of posts gone." in told
    assert not Post.objects.exists()
    own = ImportRun.objects.get(kind="undo")
    assert own.requested_by == "admin"
    shown = admin_client.get(page(run, "change")).content.decode()
    assert re.search(rf'<a href="{page(own, "change")}">undone by admin at \d{{4}}-', shown)
    assert ">Undo this import<" not in shown
    back = admin_client.get(page(own, "change")).content.decode()
    assert f'<a href="{page(run, "change")}">the run that this one took back</a>' in back
    assert ">Undo this" not in back
    assert "core undone started" in text(admin_client, "/admin/legacy_import/importsource/")


def test_later_runs_are_named_and_go_along_when_asked(admin_client: Client, run: ImportRun, legacy_dir: Path) -> None:
    run_import("duplicate", legacy_dir)

    first = text(admin_client, page(run))

    assert "They have to be undone first. duplicate, import of " in first
    assert 'name="chain"' not in admin_client.get(page(run)).content.decode()
    assert "Undo these 2 runs" in admin_client.get(page(run) + "?with_later=1").content.decode()
    confirm(admin_client, run, page(run) + "?with_later=1")
    assert set(ImportRun.objects.filter(kind="import").values_list("status", flat=True)) == {"undone"}


def test_what_was_not_shown_is_not_undone(admin_client: Client, run: ImportRun, legacy_dir: Path) -> None:
    shown = str(run.pk)
    change(legacy_dir / PRIMARY, "UPDATE linkedin_posts SET likes = 1")
    run_import("primary", legacy_dir)

    told = admin_client.post(page(run), {"chain": shown}, follow=True).content.decode()

    assert "Nothing was undone: another run came in between." in told
    assert not ImportRun.objects.filter(status="undone").exists()


def test_a_run_that_cannot_be_undone_says_why(admin_client: Client, run: ImportRun) -> None:
    undo_latest("primary")

    told = admin_client.get(page(run), follow=True).content.decode()

    assert "has been undone already" in told


def test_a_large_run_is_left_to_the_command_line(admin_client: Client, run: ImportRun) -> None:
    ImportRun.objects.filter(pk=run.pk).update(tables={"linkedin_posts": {"read": 20_001, "inserted": 20_001}})

    assert f"manage.py undo_import {run.pk} on the server" in text(admin_client, page(run))
    told = admin_client.post(page(run), {"chain": str(run.pk)}, follow=True).content.decode()

    assert "Nothing was undone. More than 20,000 rows were written." in told
    assert Post.objects.exists()


def test_behind_pgbouncer_an_undo_is_left_to_the_command_line(
    admin_client: Client, run: ImportRun, settings: Settings
) -> None:
    settings.BEHIND_PGBOUNCER = True

    assert f"manage.py undo_import {run.pk} on the server" in text(admin_client, page(run))
    told = admin_client.post(page(run), {"chain": str(run.pk)}, follow=True).content.decode()

    assert "Nothing was undone. The dump before an undo can&#x27;t go through PgBouncer" in told
    assert Post.objects.exists()


def test_only_who_may_undo_sees_the_page(client: Client, run: ImportRun) -> None:
    assert client.get(page(run))["Location"].startswith("/admin/login/")
    clerk(client, "view_businesscorerun")

    assert ">Undo this import<" not in client.get(page(run, "change")).content.decode()
    assert client.get(page(run)).status_code == 403
    assert client.post(page(run), {"chain": str(run.pk)}).status_code == 403
    assert Post.objects.exists()


def test_an_undo_needs_the_token_and_a_post(admin_user: User, run: ImportRun) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin_user)

    assert strict.post(page(run), {"chain": str(run.pk)}).status_code == 403
    assert strict.put(page(run), {"chain": str(run.pk)}).status_code in {403, 405}
    assert Post.objects.exists()
    token = strict.get(page(run)).cookies["csrftoken"].value
    answer = strict.post(page(run), {"chain": str(run.pk), "csrfmiddlewaretoken": token})
    assert answer.status_code == 302
    assert not Post.objects.exists()


def test_an_unknown_run_is_not_found(admin_client: Client, run: ImportRun) -> None:
    assert admin_client.get(page(run).replace(str(run.pk)[:8], "00000000")).status_code == 404
