"""A real browser on a site that holds the imported real files.

What lives here: the fixtures `site` (one per test module, so that a module's tests see each other's edits) and the
people who sign in to it. What does not: the journeys (tests/e2e).
A page fails its test where it asks another host for anything, logs an error or throws one.
"""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.test.utils import setup_databases, teardown_databases
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Request, sync_playwright
from pytest_django.live_server_helper import LiveServer
from pytest_django.plugin import DjangoDbBlocker

from legacy_import.sources import SOURCES
from synapse.console.people.roles import ensure_roles
from synapse.foundation.databases import ALIASES
from tests.imports import rows, run_import
from tests.legacy_files import copy_of_the_real_files

PHONE_WIDTH: Final = 375
_PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome")
_LETTING_GO_SECONDS: Final = 10.0
_TIMEOUT_MILLISECONDS: Final = 15_000


@dataclass(slots=True)
class Site:
    """The running admin. `troubles` collects what went wrong in any of its pages."""

    url: str
    browser: Browser
    troubles: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)

    def sign_in(self, name: str, *roles: str, width: int = 1280, dark: bool = False) -> Page:
        """Return a new browser's page on which the person is signed in; without a role it is a superuser."""
        client = Client()
        client.force_login(_person(name, roles))
        context = self.browser.new_context(
            base_url=self.url,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            timezone_id="Europe/Bucharest",
        )
        cookie = client.cookies["sessionid"]
        context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": self.url}])
        context.set_default_timeout(_TIMEOUT_MILLISECONDS)
        self._contexts.append(context)
        page = context.new_page()
        self._watch(page)
        return page

    def sign_everybody_out(self) -> None:
        """Close every browser that was opened."""
        while self._contexts:
            self._contexts.pop().close()

    def _watch(self, page: Page) -> None:
        def asked(request: Request) -> None:
            if not request.url.startswith((self.url, "data:", "blob:")):
                self.troubles.append(f"{page.url} asked {request.url}")

        def logged(message: ConsoleMessage) -> None:
            if message.type == "error":
                self.troubles.append(f"{page.url} logged {message.text}")

        def thrown(error: Error) -> None:
            self.troubles.append(f"{page.url} threw {error.message}")

        page.on("request", asked)
        page.on("console", logged)
        page.on("pageerror", thrown)


@pytest.fixture(scope="session")
def every_test_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Make the test databases that no collected test has named: a journey wants all three, and no transaction."""
    missing = [alias for alias in ALIASES if not connections[alias].settings_dict["NAME"].startswith("test_")]
    for alias in missing:
        # Django wants `default` made in the same go, which it is where any collected test has named it.
        connections[alias].settings_dict["TEST"]["DEPENDENCIES"] = []
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases=dict.fromkeys(missing))
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="module")
def real_files_for_the_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the real files for a module's site."""
    return copy_of_the_real_files(tmp_path_factory.mktemp("site") / "legacy")


@pytest.fixture(scope="module")
def running_site(
    every_test_database: None, django_db_blocker: DjangoDbBlocker, real_files_for_the_site: Path
) -> Iterator[Site]:
    """Import the real files, serve the admin, start the browser; empty the databases again at the end."""
    with django_db_blocker.unblock(), _asynchronous_code_allowed(), _emptied_afterwards():
        ensure_roles()
        for source in SOURCES:
            assert run_import(source.name, real_files_for_the_site).error is None
        server = LiveServer("127.0.0.1")
        try:
            with sync_playwright() as playwright:
                arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--force-prefers-reduced-motion"]
                with playwright.chromium.launch(executable_path=chromium(), args=arguments) as browser:
                    yield Site(server.url, browser)
                # Beside a running event loop Django has other connections than without one: these end with it.
                connections.close_all()
        finally:
            server.stop()


@pytest.fixture
def site(running_site: Site) -> Iterator[Site]:
    """Return the module's site; fails the test whose pages had troubles."""
    running_site.troubles.clear()
    yield running_site
    running_site.sign_everybody_out()
    assert running_site.troubles == []


def _person(name: str, roles: tuple[str, ...]) -> User:
    person, is_new = User.objects.get_or_create(username=name, is_staff=True, defaults={"is_superuser": not roles})
    if is_new:
        person.groups.set(Group.objects.filter(name__in=roles))
    return person


def chromium() -> str:
    """Return the browser's program; fails in CI where there is none, and skips elsewhere."""
    names = [os.environ.get("CHROMIUM", ""), *_PROGRAMS]
    found = next((program for name in names if name and (program := shutil.which(name))), None)
    if found is None:
        reason = "No Chromium found: run .ci/install-browser, or name one in CHROMIUM."
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason} In CI these tests may not be skipped.")
        pytest.skip(reason)
    return found


@contextmanager
def _asynchronous_code_allowed() -> Iterator[None]:
    """Let tests ask the database while the browser's event loop stands still in the same thread."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    try:
        yield
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@contextmanager
def _emptied_afterwards() -> Iterator[None]:
    try:
        yield
    finally:
        for alias in ALIASES:
            _wait_until_alone(alias)
            call_command("flush", database=alias, verbosity=0, interactive=False, allow_cascade=False)


def _wait_until_alone(alias: str) -> None:
    """Wait for the server's threads to let go of the database, which can't be dropped while they hold it."""
    others = (
        "SELECT pid, state, query FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    deadline = time.monotonic() + _LETTING_GO_SECONDS
    while found := rows(alias, others):
        assert time.monotonic() < deadline, f"Somebody still works in {alias}: {found}"
        time.sleep(0.05)
