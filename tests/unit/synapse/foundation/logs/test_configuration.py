"""Which lines are written where, from the environment, for each kind of program."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from synapse.foundation.logs.configuration import LogOptions, program_name, read_log_options

PROJECT = Path(__file__).resolve().parents[5]
ONE_EVENT = """
import sys
sys.argv = [{argv}]
import django; django.setup()
import structlog
log = structlog.stdlib.get_logger("tests")
log.info("was.done", path="a\\nb"); log.warning("was.refused")
try:
    1 / 0
except ZeroDivisionError:
    log.exception("has.failed")
"""


def _options(program: str, variables: dict[str, str], *, production: bool = False) -> LogOptions:
    env = environ.Env()
    env.ENVIRON = variables
    return read_log_options(env, production=production, var_dir=Path("/v"), program=program)


@pytest.mark.parametrize(
    ("program", "production", "variables", "level", "form", "file"),
    [
        ("web", True, {}, "INFO", "json", None),
        ("import_legacy", True, {}, "INFO", "json", None),
        ("web", False, {}, "INFO", "text", "/v/log/synapse.jsonl"),
        ("qcluster", False, {}, "INFO", "text", "/v/log/synapse.jsonl"),
        ("import_legacy", False, {}, "CRITICAL", "text", "/v/log/synapse.jsonl"),
        ("import_legacy", False, {"SYNAPSE_LOG_FILE": "none"}, "WARNING", "text", None),
        ("import_legacy", False, {"SYNAPSE_LOG_LEVEL": "debug"}, "DEBUG", "text", "/v/log/synapse.jsonl"),
        ("import_legacy", False, {"SYNAPSE_LOG_FORMAT": "JSON"}, "INFO", "json", "/v/log/synapse.jsonl"),
        ("web", True, {"SYNAPSE_LOG_FORMAT": "text", "SYNAPSE_LOG_LEVEL": "ERROR"}, "ERROR", "text", None),
        ("web", True, {"SYNAPSE_LOG_FILE": "/l/a.jsonl"}, "INFO", "json", "/l/a.jsonl"),
        ("python", False, {}, "WARNING", "text", None),
    ],
)
def test_each_program_writes_what_its_reader_needs(  # noqa: PLR0917 - a table
    program: str,
    production: bool,  # noqa: FBT001
    variables: dict[str, str],
    level: str,
    form: str,
    file: str | None,
) -> None:
    options = _options(program, variables, production=production)

    assert (options.stderr_level, options.form) == (level, form)
    assert options.file == (file and Path(file))


@pytest.mark.parametrize("variable", ["SYNAPSE_LOG_LEVEL", "SYNAPSE_LOG_FORMAT"])
def test_what_is_no_level_or_form_is_refused_in_a_sentence(variable: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"{variable} is one of .*, not "):
        _options("web", {variable: "loud"})


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["manage.py", "import_legacy", "--all"], "import_legacy"),
        (["/opt/synapse/manage.py", "qcluster"], "qcluster"),
        (["manage.py"], "help"),
        (["/opt/synapse/.venv/bin/gunicorn", "synapse.wsgi"], "web"),
        (["/lib/gunicorn/__main__.py"], "web"),
        (["-c"], "python"),
        (["/usr/bin/pytest"], "python"),
    ],
)
def test_a_program_is_known_by_its_command(arguments: list[str], name: str) -> None:
    assert program_name(arguments) == name


def _run(var_dir: Path, argv: str, **variables: str) -> str:
    environment = {"PATH": os.environ["PATH"], "SYNAPSE_VAR_DIR": str(var_dir), **variables}
    environment["DJANGO_SETTINGS_MODULE"] = "synapse.settings"
    code = ONE_EVENT.format(argv=argv)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, env=environment, capture_output=True, check=True, text=True
    )
    assert done.stdout == ""
    return done.stderr


def test_a_local_command_says_nothing_itself_and_its_file_holds_all(tmp_path: Path) -> None:
    said = _run(tmp_path, "'manage.py', 'import_legacy'")

    events = [json.loads(line) for line in (tmp_path / "log/synapse.jsonl").read_text().splitlines()]
    assert said == ""
    assert [event["event"] for event in events] == ["was.done", "was.refused", "has.failed"]
    assert events[2]["error_type"] == "ZeroDivisionError"


def test_a_local_server_writes_readable_lines_with_tracebacks(tmp_path: Path) -> None:
    lines = _run(tmp_path, "'manage.py', 'qcluster'").splitlines()

    assert lines[0].endswith("info    was.done  path=a⏎b")
    assert lines[2].split()[1:3] == ["error", "has.failed"]
    assert lines[3] == "    Traceback (most recent call last):"


def test_json_is_one_object_a_line(tmp_path: Path) -> None:
    said = _run(tmp_path, "'manage.py', 'import_legacy'", SYNAPSE_LOG_FORMAT="json", SYNAPSE_LOG_FILE="none")

    assert [json.loads(line)["level"] for line in said.splitlines()] == ["info", "warning", "error"]
    assert not (tmp_path / "log").exists()


def test_the_suite_itself_writes_no_file() -> None:
    assert not [one for one in logging.getLogger().handlers if type(one).__name__ == "LineFileHandler"]
