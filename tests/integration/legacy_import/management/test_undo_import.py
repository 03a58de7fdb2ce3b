"""manage.py undo_import: what it prints, what it asks, and how it ends."""

import io
import json
import os
import pty
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from business_core.models import ConsultationInquiry, Post
from legacy_import.models import ImportRun
from legacy_import.services.undoing import latest_import
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.imports import run_import
from tests.integration.legacy_import.undo.undoing import everything

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)


@pytest.fixture
def imported(legacy_dir: Path) -> ImportRun:
    run_import("primary", legacy_dir)
    return latest_import("primary")


def undo_import(*arguments: str) -> tuple[int, str, str]:
    """Run the command and return its exit code, what it printed and what it complained of."""
    printed, complaint = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command("undo_import", *arguments, stdout=printed, stderr=complaint)
    except SystemExit as end:
        code = int(str(end.code))
    return code, printed.getvalue(), complaint.getvalue()


@contextmanager
def answering(answer: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the command find a terminal on which somebody types the answer."""
    master, slave = pty.openpty()
    with os.fdopen(slave) as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        os.write(master, f"{answer}\n".encode())
        yield
    os.close(master)


def test_a_dry_run_says_what_would_go_and_leaves_all(imported: ImportRun) -> None:
    before = everything("default")
    with attribute_changes_to("sofia"):
        ConsultationInquiry.objects.filter(source_post=None).update(company="Edited here")

    code, printed, _ = undo_import("--source=primary", "--dry-run")

    assert code == 0
    assert ": would be undone\n" in printed
    assert "  7 rows of posts gone\n" in printed
    assert "dump" not in printed
    assert everything("default")["ledger"] == before["ledger"]
    assert ImportRun.objects.using("default").get().status == "completed"


def test_json_is_one_object_with_true_figures(imported: ImportRun) -> None:
    post = Post.objects.order_by("pk")[0]
    with attribute_changes_to("sofia"):
        Post.objects.filter(pk=post.pk).update(likes=5)

    code, printed, _ = undo_import(str(imported.pk), "--json")

    report = json.loads(printed)
    assert code == 0
    assert report["dry_run"] is False
    (undone,) = report["undone"]
    assert (undone["run"], undone["removed"]) == (str(imported.pk), {"consultation_inquiries": 15, "posts": 6})
    assert undone["left"] == [
        {
            "table": "posts",
            "key": str(post.pk),
            "column": "likes",
            "who": "sofia",
            "why": "changed here: the row stays",
        }
    ]
    assert Path(report["dump"]).is_dir() or Path(report["dump"]).is_file()
    assert list(Post.objects.all()) == [post]


def test_yes_on_a_terminal_undoes(imported: ImportRun, monkeypatch: pytest.MonkeyPatch) -> None:
    with answering("yes", monkeypatch):
        code, printed, _ = undo_import("--source=primary")

    assert code == 0
    assert printed.index("would be undone") < printed.index("Undo this? Type yes: ") < printed.index(": undone\n")
    assert not Post.objects.exists()


def test_anything_else_on_a_terminal_leaves_all(imported: ImportRun, monkeypatch: pytest.MonkeyPatch) -> None:
    with answering("y", monkeypatch):
        code, _, complaint = undo_import("--source=primary")

    assert (code, complaint) == (1, "nothing was undone\n")
    assert Post.objects.count() == 7


def test_without_a_terminal_it_wants_to_be_told(imported: ImportRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("yes\n"))

    code, _, complaint = undo_import("--source=primary")

    assert code == 2
    assert "say --no-input" in complaint
    assert Post.objects.count() == 7


def test_no_input_undoes_without_asking(imported: ImportRun) -> None:
    code, printed, _ = undo_import("--source=primary", "--no-input")

    assert code == 0
    assert "Type yes" not in printed
    assert "The database as it was before lies in " in printed
    assert not Post.objects.exists()


def test_later_runs_are_refused_in_one_sentence_and_undone_when_asked(imported: ImportRun, legacy_dir: Path) -> None:
    run_import("duplicate", legacy_dir)

    code, printed, complaint = undo_import("--source=primary", "--no-input")

    assert (code, printed) == (1, "")
    assert complaint.count("\n") == 1
    assert "have to be undone first (or with it): duplicate, import of " in complaint
    assert undo_import("--source=primary", "--no-input", "--with-later")[0] == 0
    assert not Post.objects.exists()


@pytest.mark.django_db(databases=["default", "analytics", "revenue"])
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "one of the two"),
        (("--source=nope",), 2, "unknown source 'nope'"),
        (("--source=week3",), 1, "there is no import that could be undone"),
        ((str(uuid4()),), 1, "there is no run"),
    ],
)
def test_what_cannot_be_is_said(db: None, arguments: tuple[str, ...], code: int, said: str) -> None:
    ended, printed, complaint = undo_import(*arguments)

    assert (ended, printed) == (code, "")
    assert said in complaint


def test_an_id_that_is_none_is_a_usage_error(db: None) -> None:
    with pytest.raises(CommandError, match="invalid UUID value"):
        undo_import("seven")
