"""A unit's unforeseen error ends the unit alone: one sentence, and a line in the log under the same id."""

import pytest

from synapse.foundation.containment import EndsAllUnitsError, contain_errors
from synapse.kit.jobs.errors import LocksLostError
from tests.log_lines import logged_events, only_event


@pytest.fixture(autouse=True)
def _no_databases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synapse.foundation.containment.reset_broken_connections", lambda: None)


def test_unit_without_an_error_has_no_trouble() -> None:
    with contain_errors("primary") as trouble:
        pass

    assert not trouble
    assert (trouble.error, trouble.sentence, trouble.error_id) == (None, "", "")


def test_unforeseen_error_is_a_sentence_and_a_traceback_under_one_id() -> None:
    with logged_events() as events, contain_errors("primary", run="7") as trouble:
        raise KeyError("week_theme")

    assert trouble
    assert isinstance(trouble.error, KeyError)
    assert trouble.sentence.startswith(f"primary: unforeseen error {trouble.error_id} (KeyError: 'week_theme')")
    event = only_event(events, "exception.contained")
    assert (event["error_id"], event["level"], event["unit"], event["run"]) == (
        trouble.error_id,
        "error",
        "primary",
        "7",
    )
    assert 'raise KeyError("week_theme")' in event["traceback"]


def test_every_error_has_an_id_of_its_own() -> None:
    ids: set[str] = set()
    for _ in range(20):
        with contain_errors("primary") as trouble:
            raise KeyError
        ids.add(trouble.error_id)

    assert len(ids) == 20


def test_foreseen_error_has_its_own_sentence_and_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with contain_errors("primary", foresee=lambda unit, error: f"{unit}: {error}, as known") as trouble:
        raise ValueError("locked")

    assert trouble.sentence == "primary: locked, as known"
    assert trouble.error_id == ""
    assert caplog.records == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, EndsAllUnitsError, LocksLostError, LookupError])
def test_what_ends_more_than_a_unit_is_raised(error: type[BaseException], caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(error), contain_errors("primary", passing=(LookupError,)):
        raise error

    assert caplog.records == []


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("", "ValueError"),
        ("two\nlines", "ValueError: two"),
        ("x" * 200, f"ValueError: {'x' * 200}"),
        ("x" * 201, f"ValueError: {'x' * 200}"),
        ("\x1b[2J\x00", "ValueError: \u241b[2J\u2400"),
        ("\udc80", r"ValueError: \x80"),
    ],
)
def test_reason_is_one_short_line_that_can_be_printed_and_stored(said: str, shown: str) -> None:
    with contain_errors("primary") as trouble:
        raise ValueError(said)

    assert f"({shown})" in trouble.sentence
    assert "\n" not in trouble.sentence
    trouble.sentence.encode()
