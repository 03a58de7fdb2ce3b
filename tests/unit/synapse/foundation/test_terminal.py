"""No name or cell moves the cursor of a terminal, whatever a command prints."""

import importlib
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command, get_commands, load_command_class
from django.core.management.base import CommandError
from rich.table import Table
from rich.text import Text

from synapse.foundation.terminal import TerminalCommand, TerminalConsole

_HOSTILE = "a\x1b[2J\x1b]0;title\x07\rb\x9b31m\u202e"
_CONTROLS = {"\x1b", "\x07", "\r", "\x9b", "\u202e"}


class _Printing(TerminalCommand):
    requires_system_checks: Any = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(f"one {_HOSTILE}\n\ttwo")
        self.stderr.write(_HOSTILE)


class _Failing(TerminalCommand):
    requires_system_checks: Any = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        raise CommandError(_HOSTILE)


def test_what_a_command_writes_shows_control_characters() -> None:
    out, err = StringIO(), StringIO()

    call_command(_Printing(), stdout=out, stderr=err)

    assert out.getvalue().startswith("one a\u241b[2J\u241b]0;title\u2407\u240db")
    assert out.getvalue().endswith("\n\ttwo\n")
    assert not _CONTROLS & set(out.getvalue() + err.getvalue())


def test_what_a_command_fails_with_shows_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        _Failing().run_from_argv(["manage.py", "failing"])

    said = capsys.readouterr().err
    assert "a\u241b[2J" in said
    assert not _CONTROLS & set(said)


def test_what_a_console_prints_shows_control_characters_and_keeps_its_colours() -> None:
    out = StringIO()
    table = Table(title=_HOSTILE)
    table.add_column(_HOSTILE)
    table.add_row(Text(_HOSTILE, style="red"))

    TerminalConsole(file=out, force_terminal=True, width=80, color_system="standard").print(table, Text(_HOSTILE))

    assert "\x1b[31m" in out.getvalue()
    assert not {"\x07", "\x9b", "\u202e", "\r"} & set(out.getvalue())
    assert "\x1b[2J" not in out.getvalue()
    assert "\x1b]0" not in out.getvalue()


def test_every_command_of_ours_writes_through_it() -> None:
    ours = {app for app in settings.INSTALLED_APPS if importlib.import_module(app.rpartition(".apps.")[0] or app)}
    commands = {
        name: load_command_class(app, name)
        for name, app in get_commands().items()
        if app in ours and app.split(".")[0] in {"synapse", "legacy_import", "business_core", "analytics", "revenue"}
    }
    assert len(commands) > 10
    assert [name for name, command in commands.items() if not isinstance(command, TerminalCommand)] == ["qcluster"]
