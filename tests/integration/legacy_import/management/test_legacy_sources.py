"""The command legacy_sources: answers, withdrawals, the list, and its exit codes."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from legacy_import.models import LossQuestion, SourceWithdrawal
from synapse.foundation.databases import ALIASES
from tests.imports import run_import
from tests.legacy_files import PRIMARY, delete_primary_rows

pytestmark = pytest.mark.django_db(databases=ALIASES, transaction=True)


@pytest.fixture
def refused(imported_primary: Path) -> str:
    """Return the command of the refusal that confirms the deletion."""
    delete_primary_rows(imported_primary / PRIMARY)
    error = run_import("primary", imported_primary).error or ""
    return error.split("manage.py ")[1].split(";")[0]


def call(*arguments: str) -> int:
    try:
        call_command(*arguments)
    except SystemExit as ended:
        return int(str(ended.code))
    return 0


def test_the_printed_command_lets_the_import_go_on(refused: str, imported_primary: Path) -> None:
    assert call(*refused.split()) == 0

    assert run_import("primary", imported_primary).error is None


def test_the_wrong_file_stays_refused(refused: str, imported_primary: Path) -> None:
    assert call(*refused.replace("rows-deleted", "wrong-file").split()) == 0

    assert LossQuestion.objects.get().answer == "wrong_file"
    assert "is not the right file" in (run_import("primary", imported_primary).error or "")


def test_another_checksum_is_refused(refused: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("legacy_sources", "rows-deleted", "primary", "0" * 12) == 1

    assert "its file has changed since" in capsys.readouterr().err
    assert LossQuestion.objects.get().answer == ""


def test_a_source_is_withdrawn_and_taken_back(imported_primary: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (imported_primary / PRIMARY).unlink()

    assert call("legacy_sources", "withdraw", "primary") == 0
    assert "its last snapshot is kept for good" in capsys.readouterr().out
    assert call("legacy_sources", "withdraw", "primary") == 1
    assert call("legacy_sources", "take-back", "primary") == 0
    assert call("legacy_sources", "take-back", "primary") == 1
    assert SourceWithdrawal.objects.get().taken_back_at is not None


def test_all_passes_a_withdrawn_source_over_with_a_word(
    imported_primary: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (imported_primary / PRIMARY).unlink()
    call("legacy_sources", "withdraw", "primary")
    capsys.readouterr()

    assert call("import_legacy", "--all", "--json") == 0
    printed = json.loads(capsys.readouterr().out)

    assert printed["sources"]["primary"]["status"] == "completed"
    assert "withdrawn by" in printed["sources"]["primary"]["notes"][0]
    assert call("import_legacy", "--source=primary", "--json") == 1


def test_the_list_says_each_state(imported_primary: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (imported_primary / PRIMARY).unlink()
    call("legacy_sources", "withdraw", "primary")
    capsys.readouterr()

    assert call("legacy_sources", "list", "--json") == 0
    states = json.loads(capsys.readouterr().out)
    assert call("legacy_sources", "list") == 0

    assert states["primary"]["state"] == "withdrawn"
    assert "primary: withdrawn. Withdrawn by" in capsys.readouterr().out
    assert len(states) == 13


@pytest.mark.parametrize("verb", ["withdraw", "take-back"])
def test_an_unknown_source_is_a_usage_error(verb: str) -> None:
    assert call("legacy_sources", verb, "nonsense") == 2


def test_no_verb_is_a_usage_error() -> None:
    with pytest.raises(CommandError):
        call_command("legacy_sources")
