"""The camera: a running site with a story, and one picture after the other.

What lives here: raising the site, the browser, and how a picture is cut. What does not: which pictures (shots.py).
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.core.management import call_command
from django.db import connections
from django.utils import timezone
from playwright.sync_api import FloatRect, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from legacy_import.services import dump_database
from synapse.foundation import embedded_postgres
from synapse.foundation.databases import ALIASES
from tests.browser import PHONE_WIDTH, Site, chromium
from tests.pictures.legacy_changes import write_more
from tests.pictures.palette import with_palette
from tests.pictures.past_jobs import let_jobs_run, workers
from tests.pictures.shots import SHOTS, Shot
from tests.pictures.story import work_before_the_pictures

_WIDTH: Final = 1280
_MOST_BYTES: Final = 150_000
_ARGUMENTS: Final = ("--no-sandbox", "--disable-dev-shm-usage", "--force-prefers-reduced-motion", "--hide-scrollbars")


def take_all(legacy: Path, images: Path, *, words: Sequence[str]) -> None:
    """Take the pictures whose name contains one of the words, all of them without words."""
    chosen = [shot for shot in SHOTS if not words or any(word in shot.name for word in words)]
    with _site(legacy) as site:
        blank = site.browser.new_page()
        for shot in chosen:
            for suffix, width, dark in _ways(shot):
                page = site.sign_in(shot.person, *shot.roles, width=width, dark=dark)
                shot.open(page, site)
                _cut(page, images / f"{shot.name}{suffix}.png", shot, blank=blank, width=width)
                site.sign_everybody_out()
        for trouble in site.troubles:
            sys.stderr.write(f"{trouble}\n")


def _ways(shot: Shot) -> list[tuple[str, int, bool]]:
    """Return suffix, width and darkness of each picture of the shot."""
    ways = [("", _WIDTH, False)]
    if shot.dark:
        ways.append(("-dark", _WIDTH, True))
    if shot.phone:
        ways.append(("-phone", PHONE_WIDTH, False))
    return ways


def _cut(page: Page, path: Path, shot: Shot, *, blank: Page, width: int) -> None:
    """Write the page's upper part, as long as it is, at most so many pixels high."""
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    whole: int = page.evaluate("document.documentElement.scrollHeight")
    height = whole if shot.part else min(shot.height, whole)
    page.set_viewport_size({"width": width, "height": height})
    clip = FloatRect(x=0, y=0, width=width, height=height)
    if shot.part:
        clip = page.get_by_role("region", name=shot.part).bounding_box() or clip
    size = path.write_bytes(with_palette(page.screenshot(clip=clip, animations="disabled"), blank))
    note = "  too large" if size > _MOST_BYTES else ""
    sys.stdout.write(f"{path.name:<40}{size:>9,} bytes{note}\n")


@contextmanager
def _site(legacy: Path) -> Iterator[Site]:
    """Fill three new databases, serve them and start a browser; stops all of it."""
    try:
        _fill(legacy)
        server = LiveServer("127.0.0.1")
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium(), args=_ARGUMENTS)
                with workers():
                    yield Site(server.url, browser)
                browser.close()
                connections.close_all()
        finally:
            server.stop()
    finally:
        connections.close_all()
        embedded_postgres.stop_server()


def _fill(legacy: Path) -> None:
    """Import the demonstration files, let people, scripts and jobs work for a day, and import again."""
    call_command("migrate_all", verbosity=0)
    call_command("demo_legacy", str(legacy), today=timezone.localdate() - timedelta(days=1))
    _import()
    work_before_the_pictures(timezone.now())
    write_more(legacy)
    _import()
    call_command("refresh_views", verbosity=0)
    for alias in ALIASES:
        dump_database(alias, reason="daily", requested_by="hedy")
    let_jobs_run(timezone.now())


def _import() -> None:
    try:
        call_command("import_legacy", "--all", verbosity=0)
    except SystemExit as leaving:
        # Rows in quarantine are wanted: there is a picture of them.
        if leaving.code not in (0, None, 3):
            raise
