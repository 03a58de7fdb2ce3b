"""The operator's page beside real workers: what is killed stands there as down, without anybody reloading it."""

import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.browser import chromium
from tests.checkouts import wait_until
from tests.faults.jobs.supervised import SETTINGS, Ground, kill, temporary_ground

pytestmark = [pytest.mark.faults, pytest.mark.browser]

_HEARTBEAT_SECONDS = 30
_USUAL = {"JOB_HEARTBEAT_SECONDS": str(_HEARTBEAT_SECONDS), "JOB_GRACE_SECONDS": "20"}
_SIGN_IN = """
import django
django.setup()
from django.contrib.auth.models import User
from django.test import Client
client = Client()
client.force_login(User.objects.create_superuser("Olga"))
print(client.cookies["sessionid"].value)
"""


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with temporary_ground() as made:
        yield made


@pytest.fixture(scope="module")
def page(ground: Ground) -> Iterator[Page]:
    """A browser on the console, signed in, beside the workers of the ground."""
    signed_in = ground.checkout.run("-c", _SIGN_IN, DJANGO_SETTINGS_MODULE=SETTINGS)
    assert signed_in.returncode == 0, signed_in.stderr
    with _web_server(ground) as url, sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
        with playwright.chromium.launch(executable_path=chromium(), args=arguments) as browser:
            context = browser.new_context(base_url=url)
            context.add_cookies([{"name": "sessionid", "value": signed_in.stdout.strip(), "url": url}])
            yield context.new_page()


@contextmanager
def _web_server(ground: Ground) -> Iterator[str]:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = ground.checkout.start(
        "runserver", f"127.0.0.1:{port}", "--noreload", "--verbosity=0", DJANGO_SETTINGS_MODULE=SETTINGS
    )
    try:
        wait_until(lambda: _listens(port), seconds=60)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.communicate()


def _listens(port: int) -> bool:
    with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port), timeout=1)):
        return True
    return False


def test_a_killed_worker_stands_on_the_open_page_as_down_within_a_heartbeat(ground: Ground, page: Page) -> None:
    with ground.supervisor(**_USUAL) as supervisor:
        ground.wait_until_up()
        page.goto("/admin/operations/")
        workers = page.locator("#workers")
        victim = ground.workers()[0]
        expect(workers).to_contain_text(f"process {victim}: idle")
        page.evaluate("window.neverReloaded = true")

        kill(victim)
        began = time.monotonic()
        patience = _HEARTBEAT_SECONDS * 1000
        expect(workers).to_contain_text(f"process {victim}: down (killed)", timeout=patience)
        assert time.monotonic() - began < _HEARTBEAT_SECONDS

        kill(supervisor.pid)
        began = time.monotonic()
        expect(page.locator("#headline")).to_contain_text(f"process {supervisor.pid}, is gone", timeout=patience)
        assert time.monotonic() - began < _HEARTBEAT_SECONDS

    assert page.evaluate("window.neverReloaded") is True
