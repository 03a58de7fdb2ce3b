"""From an event to its line: whole, in one line, without secrets and cells."""

import json
import logging
from typing import Any, NoReturn

import psycopg
import pytest
import structlog

from synapse.foundation.logs.context import add_to_log_context, log_context
from synapse.foundation.logs.lines import ReadableLines
from synapse.foundation.logs.unforeseen import log_unforeseen_error
from tests.log_lines import logged_events, only_event

LOG: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger("tests")
HOSTILE = 'eve\r\n{"event": "forged"}\x1b[2J\x00\u202e\ud800\u2028'


def _fail(error: Exception) -> NoReturn:
    raise error


def test_an_event_has_time_level_name_process_and_fields() -> None:
    with logged_events() as events:
        LOG.info("job.ended", rows=3, is_done=True)

    event = only_event(events, "job.ended")
    assert (event["level"], event["rows"], event["is_done"], event["program"]) == ("info", 3, True, "test")
    assert event["timestamp"].endswith("Z")
    assert isinstance(event["process"], int)


def test_a_field_of_the_context_is_on_every_line_of_the_block_only() -> None:
    with logged_events() as events:
        with log_context(run_id="r1", user=lambda: "ann"), log_context(source="primary", none=lambda: None):
            add_to_log_context(source="week3")
            LOG.info("inside")
            logging.getLogger("library").warning("said %s", "so")
        LOG.info("outside")

    inside, said = only_event(events, "inside"), only_event(events, "library.said")
    assert (inside["run_id"], inside["user"], inside["source"]) == ("r1", "ann", "week3")
    assert (said["run_id"], said["message"], said["logger"]) == ("r1", "said so", "library")
    assert "none" not in inside
    assert not {"run_id", "source", "user"} & set(only_event(events, "outside"))


@pytest.mark.parametrize("name", ["user", "path"])
def test_a_hostile_text_forges_no_line(name: str) -> None:
    with logged_events() as events:
        LOG.info("login.failed", **{name: HOSTILE})

    (event,) = events
    assert event[name].startswith("eve\r\n")


def test_a_hostile_text_moves_no_cursor_in_readable_lines() -> None:
    text = ReadableLines(with_traceback=True)(
        None, "info", {"event": "a", "user": HOSTILE, "traceback": f"Error: {HOSTILE}"}
    )

    assert str(text).isprintable() or all(line.isprintable() for line in str(text).split("\n"))
    assert len(str(text).split("\n")) <= 3


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"password": "hunter2!"}, "password"),
        ({"new_password1": "hunter2!"}, "new_password1"),
        ({"session_key": "hunter2!"}, "session_key"),
        ({"url": "postgresql://synapse:hunter2!@db:5432/x"}, "db:5432"),
        ({"text": "connection failed: password=hunter2! host=db"}, "host=db"),
        ({"text": "{'api_key': 'hunter2!'}"}, "api_key"),
        ({"given": {"csrfmiddlewaretoken": "hunter2!", "a": ["token=hunter2!"]}}, "csrfmiddlewaretoken"),
    ],
)
def test_a_secret_is_hidden_wherever_it_is(fields: dict[str, Any], kept: str) -> None:
    with logged_events() as events:
        LOG.info("a", **fields)

    line = json.dumps(events)
    assert "hunter2!" not in line
    assert kept in line


def test_an_unforeseen_exception_is_found_by_the_id_that_was_returned() -> None:
    with logged_events() as events, log_context(source="primary"):
        try:
            _fail(KeyError("missing"))
        except KeyError as error:
            error_id = log_unforeseen_error(error, unit="source primary")

    event = only_event(events, "exception.contained")
    assert (event["error_id"], event["source"], event["unit"]) == (error_id, "primary", "source primary")
    assert (event["level"], event["error_type"]) == ("error", "KeyError")
    assert "Traceback (most recent call last)" in event["traceback"]
    assert "test_lines.py" in event["traceback"]


def test_causes_are_in_the_traceback_first() -> None:
    with logged_events() as events:
        try:
            try:
                _fail(OSError("the disk"))
            except OSError as error:
                raise ValueError("the row") from error
        except ValueError as error:
            log_unforeseen_error(error, unit="x")

    text = events[0]["traceback"]
    assert text.index("OSError: the disk") < text.index("direct cause") < text.index("ValueError: the row")


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        (
            'duplicate key\nDETAIL:  Key (email)=(bob cell) exists.\nCONTEXT:  COPY a: "bob cell"',
            "duplicate",
        ),
        ('invalid input syntax for type integer: "bob cell"', "type integer"),
        ('value "bob cell" is out of range for type integer', "out of range"),
        ("nobody has bob+cell@example.com here", "nobody has"),
    ],
)
def test_cells_that_an_error_quotes_are_left_out(message: str, kept: str) -> None:
    with logged_events() as events:
        try:
            _fail(psycopg.DataError(message))
        except psycopg.DataError:
            LOG.exception("a")

    line = json.dumps(events)
    assert "bob" not in line
    assert kept in line


def test_an_exception_that_a_library_logs_is_one_line() -> None:
    with logged_events() as events:
        try:
            _fail(ValueError("the cause"))
        except ValueError:
            logging.getLogger("library").exception("failed")

    (event,) = events
    assert event["error"] == "the cause"
    assert "Traceback" in event["traceback"]


def test_long_texts_are_cut() -> None:
    with logged_events() as events:
        LOG.info("a", text="x" * 100_000)

    assert len(events[0]["text"]) == 2_001


def test_a_value_whose_text_cannot_be_made_costs_no_event() -> None:
    class Broken:
        def __str__(self) -> str:
            raise RuntimeError

    class BrokenError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    with logged_events() as events:
        LOG.info("a", value=Broken())
        log_unforeseen_error(BrokenError(), unit="x")

    assert [event["event"] for event in events] == ["a", "exception.contained"]
