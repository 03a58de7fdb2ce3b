"""The page of the sources: what it shows, who may look, who may import."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from legacy_import.models import ImportRun
from legacy_import.sources import SOURCES
from synapse.kit.jobs.models import JobRun
from tests.imports import run_import
from tests.legacy_files import PRIMARY

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_PAGE = "/admin/legacy_import/importsource/"
_IMPORT_PRIMARY = f"{_PAGE}import/primary/"
_IMPORT_ALL = f"{_PAGE}import/"


@pytest.fixture(autouse=True)
def looked_for(settings: Settings, legacy_dir: Path) -> Path:
    settings.LEGACY_DIR = legacy_dir
    return legacy_dir


def _html(client: Client) -> str:
    response = client.get(_PAGE)
    assert response.status_code == 200
    return response.content.decode()


def _line(client: Client, name: str) -> str:
    """Return what the page says of one source, in one line of text."""
    row = re.search(rf'<tr id="source-{name}">(.*?)</tr>', _html(client), re.DOTALL)
    assert row is not None
    return " ".join(re.sub(r"<[^>]*>", " ", row[1]).split())


def _clerk(*permissions: str) -> User:
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return clerk


def _queued() -> list[tuple[str, ...]]:
    return [(run.arguments["source"], run.requested_by) for run in JobRun.objects.order_by("queued_at")]


def test_every_declared_source_has_a_line_and_the_index_links_the_page(admin_client: Client) -> None:
    html = _html(admin_client)

    assert re.findall(r'id="source-(\w+)"', html) == [source.name for source in SOURCES]
    assert _PAGE in admin_client.get(reverse("admin:index")).content.decode()
    assert _PAGE in admin_client.get("/admin/legacy_import/").content.decode()


def test_a_source_that_was_never_imported_says_so(admin_client: Client, looked_for: Path) -> None:
    size = (looked_for / PRIMARY).stat().st_size

    line = _line(admin_client, "primary")

    assert line == f"primary {PRIMARY} there, {size:,} bytes business core never imported: press Import now"


def test_an_empty_folder_says_what_to_do(admin_client: Client, settings: Settings, tmp_path: Path) -> None:
    settings.LEGACY_DIR = tmp_path / "nowhere"

    html = _html(admin_client)

    assert "None of the legacy files is there." in html
    assert f"manage.py demo_legacy {tmp_path / 'nowhere'}" in html
    assert " missing " in _line(admin_client, "primary")


def test_a_folder_in_a_files_place_is_told_from_a_file(admin_client: Client, looked_for: Path) -> None:
    (looked_for / PRIMARY).unlink()
    (looked_for / PRIMARY).mkdir()

    assert "a folder, not a file" in _line(admin_client, "primary")


@pytest.mark.django_db(transaction=True, databases=["default", "analytics", "revenue"])
def test_an_imported_source_shows_who_when_and_its_counts(admin_client: Client, looked_for: Path) -> None:
    run_import("primary", looked_for)

    line = _line(admin_client, "primary")

    assert re.search(
        r" completed started \d{4}-\d\d-\d\d \d\d:\d\d:\d\d by a test"
        r" In step with primary as of \d\d:\d\d \(\d+ \w{3} \d{4}\); .*\. 22 read 22 inserted$",
        line,
    ), line


@pytest.mark.django_db(transaction=True, databases=["default", "analytics", "revenue"])
def test_a_failed_import_shows_its_sentence_escaped(admin_client: Client, looked_for: Path) -> None:
    (looked_for / PRIMARY).write_bytes(b"no SQLite at all")
    run_import("primary", looked_for)
    ImportRun.objects.using("default").update(error="<img src=x onerror=alert(1)>\u202e")

    assert "failed" in _line(admin_client, "primary")
    assert "&lt;img src=x onerror=alert(1)&gt;⟨U+202E⟩" in _html(admin_client)


def test_a_run_whose_lock_nobody_holds_is_interrupted(admin_client: Client) -> None:
    run = ImportRun.objects.using("default").create(source="primary", requested_by="cron")

    line = _line(admin_client, "primary")
    listed = admin_client.get("/admin/legacy_import/businesscorerun/").content.decode()
    page = admin_client.get(f"/admin/legacy_import/businesscorerun/{run.pk}/change/").content.decode()

    assert "core interrupted started" in line
    assert "import it again" in line
    assert ">interrupted</td>" in listed
    assert re.search(r'<div class="readonly [^"]*">interrupted</div>', page)


def test_strangers_and_staff_without_permission_are_refused(client: Client) -> None:
    for page in (_PAGE, _IMPORT_ALL, _IMPORT_PRIMARY):
        assert client.get(page)["Location"].startswith(reverse("admin:login"))
        assert client.post(page)["Location"].startswith(reverse("admin:login"))

    client.force_login(_clerk())
    assert client.get(_PAGE).status_code == 403
    assert client.post(_IMPORT_PRIMARY).status_code == 403
    assert _PAGE not in client.get(reverse("admin:index")).content.decode()


def test_who_may_only_look_has_no_button(client: Client) -> None:
    client.force_login(_clerk("view_importrun"))

    assert "<button" not in _line(client, "primary")
    assert "Import now" not in _html(client)
    assert client.post(_IMPORT_PRIMARY).status_code == 403
    assert client.post(_IMPORT_ALL).status_code == 403
    assert _queued() == []


def test_the_button_queues_one_task_and_says_so(client: Client) -> None:
    client.force_login(_clerk("run_import"))

    first = client.post(_IMPORT_PRIMARY, follow=True).content.decode()
    second = client.post(_IMPORT_PRIMARY, follow=True).content.decode()

    assert "Queued: the import of primary starts as soon as a worker is free." in first
    assert "Nothing to do: the import of primary is queued or running already." in second
    assert _queued() == [("primary", "clerk")]
    assert re.search(r"core never imported", _line(client, "duplicate"))
    assert re.search(r"waiting for a worker, queued .* for clerk", _line(client, "primary"))
    assert 'aria-label="Import primary now" disabled' in _html(client)
    assert 'aria-label="Import duplicate now">' in _html(client)


def test_an_import_that_lost_its_worker_or_failed_says_so_and_can_be_asked_for(admin_client: Client) -> None:
    admin_client.post(_IMPORT_PRIMARY)
    admin_client.post(f"{_PAGE}import/duplicate/")
    JobRun.objects.filter(arguments={"source": "primary"}).update(state="running", attempts=1)
    JobRun.objects.filter(arguments={"source": "duplicate"}).update(state="retrying", due_at=timezone.now())

    assert "its worker died; it is tried again by itself" in _line(admin_client, "primary")
    assert 'aria-label="Import primary now">' in _html(admin_client)
    assert re.search(r"failed, tried again at \d\d:\d\d:\d\d", _line(admin_client, "duplicate"))
    assert 'aria-label="Import duplicate now" disabled>' in _html(admin_client)


def test_import_all_queues_what_is_not_queued_yet(admin_client: Client) -> None:
    admin_client.post(_IMPORT_PRIMARY)

    page = admin_client.post(_IMPORT_ALL, follow=True).content.decode()

    assert _queued() == [(source.name, "admin") for source in SOURCES]
    assert "the import of primary is queued or running already" in page


def test_an_unknown_source_is_a_sentence(admin_client: Client) -> None:
    page = admin_client.post(f"{_PAGE}import/<b>nope/", follow=True).content.decode()

    assert "Unknown source &#x27;&lt;b&gt;nope&#x27;" in page
    assert _queued() == []


def test_looking_queues_nothing_and_a_post_needs_the_token(client: Client, admin_user: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin_user)

    assert strict.get(_IMPORT_PRIMARY).status_code == 405
    assert strict.get(_IMPORT_ALL).status_code == 405
    assert strict.post(_IMPORT_PRIMARY).status_code == 403
    token = strict.get(_PAGE).cookies["csrftoken"].value
    assert strict.post(_IMPORT_PRIMARY, {"csrfmiddlewaretoken": token}).status_code == 302
    assert _queued() == [("primary", "admin")]
