"""Quarantined rows to settle, and using the desk's pages as a browser would."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from legacy_import.models import LedgerRow
from tests.imports import execute, run_import
from tests.integration.legacy_import.admin.archive_pages import html_of
from tests.integration.synapse.kit.admin.browser_form import submitted
from tests.legacy_files import PRIMARY, change

HOSTILE = "<script>alert('x')</script>\u202e\x1b[2J"
FORMULA = '=HYPERLINK("http://bad.example","25,000")'
MONEY = {
    "source": "primary",
    "table": "consultation_inquiries",
    "column": "estimated_value",
    "expected": "a number below 100,000,000 with at most 2 decimals",
}
MOMENT = MONEY | {
    "column": "created_at",
    "expected": "a date and time such as 2025-01-20 07:00:00, in the years 1 to 9999",
}
CONTACT = MONEY | {"column": "contact_name", "expected": "a text"}


def spoil(folder: Path) -> None:
    """Spoil nine rows of the primary: five amounts, a date (one row has both), a name, and two posts."""
    file = folder / PRIMARY
    amounts = {1: "25,000", 2: "85k", 3: "about twenty thousand", 4: "lots", 5: FORMULA}
    for row, amount in amounts.items():
        change(file, "UPDATE consultation_inquiries SET estimated_value = ? WHERE rowid = ?", amount, row)
    change(file, "UPDATE consultation_inquiries SET created_at = 'yesterday' WHERE rowid IN (4, 6)")
    change(file, "UPDATE consultation_inquiries SET contact_name = x'00ff' WHERE rowid = 7")
    change(file, "UPDATE linkedin_posts SET impressions = ? WHERE rowid = 15", HOSTILE)
    change(file, "UPDATE linkedin_posts SET content = ? WHERE rowid = 16", "one\ntwo\0three\n")


def import_again(folder: Path) -> str:
    """Import the primary; a test's transaction goes on, so the stages of the import before would too."""
    execute("default", "DISCARD TEMP")
    return run_import("primary", folder).status


def row_at(position: int, table: str = "consultation_inquiries") -> LedgerRow:
    return LedgerRow.objects.using("default").get(source="primary", legacy_table=table, row_id=position)


def desk(kind: str = "changelist", *arguments: object, **query: str) -> str:
    address = reverse(f"admin:legacy_import_businesscorequarantinedrow_{kind}", args=arguments)
    return f"{address}?{urlencode(query)}" if query else address


def send(client: Client, address: str, verb: str, rows: list[UUID], /, **fields: str) -> HttpResponse:
    """Press a button of the page's form: its untouched fields, these rows ticked, and these fields typed.

    Redirects are followed; the preview of a whole group is confirmed. A field's name is kind__column, of the first row;
    kind__column__all the one value for all.
    """
    page = submitted(html_of(client, address))
    sent: dict[str, Any] = {**page, "verb": verb, "row": [str(row) for row in rows]}
    for name, value in fields.items():
        kind, _, place = name.partition("__")
        column, _, of_all = place.partition("__")
        sent[f"{kind}:{of_all or rows[0]}:{column}" if place else name] = value
    execute("default", "DISCARD TEMP")
    target = reverse("admin:legacy_import_businesscorequarantinedrow_settle", args=[rows[0]])
    response = client.post(target if "/change/" in address else address, sent, follow=True)
    return confirm(client, address, response, verb)  # type: ignore[arg-type]


def confirm(client: Client, address: str, response: HttpResponse, verb: str) -> HttpResponse:
    """Press the button of the preview that this page is; return any other page as it is."""
    html = response.content.decode()
    if 'id="preview_form"' not in html:
        return response
    execute("default", "DISCARD TEMP")
    return client.post(address, {**submitted(html), "verb": verb}, follow=True)  # type: ignore[return-value]


def said(response: HttpResponse) -> list[str]:
    """Return the messages of a page."""
    return [str(message) for message in response.context["messages"]]  # type: ignore[attr-defined]
