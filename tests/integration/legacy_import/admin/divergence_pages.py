"""Looking at the pages of the divergences, and pressing their buttons."""

import re
from html import unescape
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from legacy_import.models import BusinessCoreDivergence, Divergence
from tests.imports import execute, run_import

LIST = "/admin/legacy_import/businesscoredivergence/"
DECIDE = f"{LIST}decide/"


def page_of(client: Client, **query: str) -> str:
    response = client.get(LIST, query)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def blocks(html: str) -> dict[str, list[str]]:
    """Return each target row's words with its lines', less blanks."""
    sections = re.findall(r'<section class="divergence-row">(.*?)</section>', html, re.DOTALL)
    found: dict[str, list[str]] = {}
    for section in sections:
        heading, *lines = section.split('<div class="divergence" ')
        found[words(heading)] = [words(f"<div {line}") for line in lines]
    return found


def line_of(html: str, one: Divergence) -> str:
    """Return a line's words."""
    (found,) = [part for part in html.split('<div class="divergence" ') if f'id="divergence-{one.pk}"' in part]
    return words(f"<div {found.partition('</section>')[0]}")


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def press(client: Client, html: str, verb: str, *ticked: Divergence, one: Divergence | None = None) -> HttpResponse:
    """Press a button of the page, with its hidden fields as they are."""
    form: dict[str, Any] = dict(re.findall(r'<input type="hidden" name="(token-[^"]+)" value="([^"]*)">', html))
    listed = re.search(r'<input type="hidden" name="list" value="([^"]*)">', html)
    assert listed is not None
    form |= {"list": unescape(listed[1]), "ticked": [str(row.pk) for row in ticked]}
    form["decide"] = verb if one is None else f"{verb}:{one.pk}"
    response: HttpResponse = client.post(DECIDE, form, follow=True)  # type: ignore[assignment]  # of the test client
    return response


def told(html: str) -> str:
    """Return what the page's messages say."""
    found = re.search(r'<ul class="flex flex-col gap-4 mb-6">(.*?)</ul>', html, re.DOTALL)
    return words(found[1]) if found else ""


def import_one(source: str, legacy_dir: Path) -> None:
    """Import as if in a transaction of its own, which a test's is not: no stage and no run outlives it."""
    assert run_import(source, legacy_dir).error is None
    execute("default", "DISCARD TEMP")
    execute("default", "SELECT set_config('synapse.import_run', '', true)")


def row_page(one: Divergence) -> str:
    return reverse(f"admin:legacy_import_{BusinessCoreDivergence._meta.model_name}_change", args=[one.pk])
