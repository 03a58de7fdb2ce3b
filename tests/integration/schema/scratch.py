"""Three databases of a test's own, on the server the tests use.

What lives here: naming, reaching and dropping them, and running manage.py on them. What does not: any test.
"""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from django.db import connections

from synapse.foundation.databases import ALIASES, URL_VARIABLES

_PROJECT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class ScratchDatabases:
    """The names of three databases that may or may not exist yet, by alias."""

    names: dict[str, str]

    def manage(self, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run manage.py, or Python where the first argument is -c, on these databases."""
        script = [] if arguments[0] == "-c" else ["manage.py"]
        return subprocess.run(
            [sys.executable, "-W", "error", *script, *arguments],
            cwd=_PROJECT,
            env={**os.environ, **self._urls(), "DJANGO_SETTINGS_MODULE": "synapse.settings", **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )

    def connect(self, alias: str) -> "psycopg.Connection[tuple[Any, ...]]":
        """Return a connection of its own to one of the databases."""
        return psycopg.connect(_url(self.names[alias]), autocommit=True)

    def _urls(self) -> dict[str, str]:
        return {URL_VARIABLES[alias]: _url(name) for alias, name in self.names.items()}


@contextmanager
def scratch_databases() -> Iterator[ScratchDatabases]:
    """Yield three names no database has, and drop what was made of them."""
    mark = uuid.uuid4().hex[:12]
    names = {alias: f"scratch_{mark}_{alias}" for alias in ALIASES}
    try:
        yield ScratchDatabases(names)
    finally:
        with psycopg.connect(_url("postgres"), autocommit=True) as connection:
            for name in names.values():
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _url(name: str) -> str:
    settings = connections["default"].get_connection_params()
    user, password = quote(settings.get("user", ""), safe=""), quote(settings.get("password", ""), safe="")
    return f"postgresql://{user}:{password}@{settings['host']}:{settings.get('port', 5432)}/{name}"
