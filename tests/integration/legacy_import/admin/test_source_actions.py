"""The sources' page asks about missing rows and withdraws sources: what it shows, and who may press the buttons."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from legacy_import.models import LossQuestion, SourceWithdrawal
from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.models import JobRun
from tests.imports import run_import
from tests.legacy_files import PRIMARY, delete_primary_rows

pytestmark = pytest.mark.django_db(databases=ALIASES, transaction=True)

_PAGE = "/admin/legacy_import/importsource/"


@pytest.fixture
def emptied(imported_primary: Path) -> LossQuestion:
    delete_primary_rows(imported_primary / PRIMARY)
    run_import("primary", imported_primary)
    return LossQuestion.objects.get(pk="primary")


@pytest.fixture
def deleted(imported_primary: Path) -> Path:
    (imported_primary / PRIMARY).unlink()
    return imported_primary


def html_of(client: Client) -> str:
    response = client.get(_PAGE)
    assert response.status_code == 200
    return response.content.decode()


def line_of(client: Client) -> str:
    row = re.search(r'<tr id="source-primary">(.*?)</tr>', html_of(client), re.DOTALL)
    assert row is not None
    return " ".join(re.sub(r"<[^>]*>", " ", row[1]).split())


def clerk(client: Client, *permissions: str) -> Client:
    person = User.objects.create_user("clerk", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(person)
    return client


def answer(client: Client, question: LossQuestion, chosen: str, **names: str) -> str:
    sent = {"source": "primary", "checksum": question.sha256, "answer": chosen} | names
    return client.post(f"{_PAGE}answer/", sent, follow=True).content.decode()


def test_missing_rows_are_asked_about_with_two_buttons(admin_client: Client, emptied: LossQuestion) -> None:
    line = line_of(admin_client)

    assert "22 of 22 rows are missing since the last import, so nothing is imported" in line
    assert "What happened to them?" in line
    assert "The rows were really deleted This is not the right file" in line
    assert emptied.sha256[:12] in line


def test_rows_deleted_queues_the_import(client: Client, emptied: LossQuestion) -> None:
    page = answer(clerk(client, "run_import"), emptied, "deleted")

    emptied.refresh_from_db()
    assert "Primary: noted. Its import starts as soon as a worker is free." in page
    assert (emptied.answer, emptied.answered_by) == ("deleted", "clerk")
    assert JobRun.objects.get().arguments == {"source": "primary"}
    assert "clerk answered: the rows were really deleted." in line_of(client)


def test_the_wrong_file_is_noted_and_nothing_queued(admin_client: Client, emptied: LossQuestion) -> None:
    page = answer(admin_client, emptied, "wrong_file")

    assert "Put the right file in its place" in page
    assert not JobRun.objects.exists()
    assert "admin answered: this is not the right file." in line_of(admin_client)


def test_an_answer_about_what_the_file_no_longer_holds_is_refused(admin_client: Client, emptied: LossQuestion) -> None:
    page = answer(admin_client, emptied, "deleted", checksum="0" * 64)

    emptied.refresh_from_db()
    assert "its file has changed since" in page
    assert (emptied.answer, JobRun.objects.exists()) == ("", False)


@pytest.mark.parametrize("chosen", ["", "yes", "deleted\0", "<b>"])
def test_no_answer_changes_nothing(admin_client: Client, emptied: LossQuestion, chosen: str) -> None:
    assert "no answer was chosen" in answer(admin_client, emptied, chosen)

    emptied.refresh_from_db()
    assert emptied.answer == ""


@pytest.mark.parametrize("source", ["", "nonsense", "\0", "<b>x</b>", "primary\0"])
@pytest.mark.parametrize("action", ["answer", "withdraw", "take-back"])
def test_an_unknown_source_is_a_sentence(
    admin_client: Client, imported_primary: Path, action: str, source: str
) -> None:
    page = admin_client.post(f"{_PAGE}{action}/", {"source": source, "answer": "deleted"}, follow=True)

    assert page.status_code == 200
    assert "Unknown source" in page.content.decode()


def test_a_source_whose_file_is_gone_can_be_withdrawn_and_taken_back(client: Client, deleted: Path) -> None:
    clerk(client, "run_import")
    assert "Was its file deleted for good?" in line_of(client)

    client.post(f"{_PAGE}withdraw/", {"source": "primary"})
    withdrawn = line_of(client)
    (deleted / PRIMARY).write_bytes(b"")
    reappeared = line_of(client)
    client.post(f"{_PAGE}take-back/", {"source": "primary"})

    assert "Withdrawn by clerk at" in withdrawn
    assert "Take the withdrawal back" in html_of(client) or SourceWithdrawal.objects.get().taken_back_by == "clerk"
    assert "Was its file deleted" not in withdrawn
    assert "is there again: to import it, take the withdrawal back" in reappeared
    assert "Withdrawn by clerk" not in line_of(client)


def test_import_all_passes_a_withdrawn_source_over(admin_client: Client, deleted: Path) -> None:
    admin_client.post(f"{_PAGE}withdraw/", {"source": "primary"})

    admin_client.post(f"{_PAGE}import/")

    assert "primary" not in {run.arguments["source"] for run in JobRun.objects.all()}
    assert JobRun.objects.count() == 12


def test_a_source_that_cannot_be_withdrawn_says_why(admin_client: Client, imported_primary: Path) -> None:
    page = admin_client.post(f"{_PAGE}withdraw/", {"source": "primary"}, follow=True).content.decode()

    assert "is still in the legacy folder" in page
    assert not SourceWithdrawal.objects.exists()


@pytest.mark.parametrize("action", ["answer", "withdraw", "take-back"])
def test_who_may_only_look_has_no_button_and_is_refused(client: Client, emptied: LossQuestion, action: str) -> None:
    clerk(client, "view_importrun")

    assert "22 of 22 rows are missing" in line_of(client)
    assert "<button" not in re.sub(r"<nav.*?</nav>|<header.*?</header>", "", line_of(client))
    assert 'name="answer"' not in html_of(client)
    assert client.post(f"{_PAGE}{action}/", {"source": "primary"}).status_code == 403


@pytest.mark.parametrize("action", ["answer", "withdraw", "take-back"])
def test_a_decision_needs_a_post_with_the_token(admin_user: User, imported_primary: Path, action: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin_user)

    assert strict.get(f"{_PAGE}{action}/").status_code == 405
    assert strict.post(f"{_PAGE}{action}/", {"source": "primary"}).status_code == 403
