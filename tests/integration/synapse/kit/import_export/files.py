"""Uploading and downloading as a person at the page does.

What lives here: the requests. What does not: what is expected of them.
"""

import csv
import re
from collections.abc import Sequence
from io import BytesIO, StringIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook

NEW_INQUIRY = {"inquiry_type": "architecture", "inquiry_channel": "email", "data_source": "fair"}


def new_inquiry(external: str, **columns: str) -> dict[str, str]:
    """Return the cells of an inquiry that can be imported as it stands."""
    return {"external_inquiry_id": external, "contact_name": f"Person {external}", **NEW_INQUIRY} | columns


def address(model: type[Model], page: str, *arguments: str) -> str:
    """Return the address of one of the model's pages."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)


def exported(client: Client, model: type[Model], kind: str = "csv", **lookups: str) -> bytes:
    """Return the exported file."""
    response: Any = client.get(address(model, "export", kind), lookups)
    assert response.status_code == 200, response
    content: bytes = b"".join(response.streaming_content)
    return content


def lines(content: bytes) -> list[dict[str, str]]:
    """Return the rows of an exported CSV file by heading."""
    return list(csv.DictReader(StringIO(content.decode("utf-8-sig"), newline="")))


def csv_file(*rows: dict[str, Any], delimiter: str = ",") -> bytes:
    """Return rows as a CSV file; a column that a row lacks is empty."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = StringIO(newline="")
    writer = csv.DictWriter(text, names, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def xlsx_file(*rows: Sequence[Any]) -> bytes:
    """Return rows as a workbook, headings first."""
    book, file = Workbook(), BytesIO()
    for row in rows:
        book.active.append(list(row))
    book.save(file)
    return file.getvalue()


def xlsx_rows(content: bytes) -> list[tuple[Any, ...]]:
    """Return the rows of a workbook, headings first."""
    return list(load_workbook(BytesIO(content)).active.iter_rows(values_only=True))


def upload(client: Client, model: type[Model], content: bytes, name: str = "rows.csv") -> Any:
    """Upload a file; return the page that answers, the preview where it was taken."""
    return client.post(address(model, "import"), {"file": SimpleUploadedFile(name, content)}, follow=True)


def counts(page: Any) -> dict[str, int]:
    """Return a preview's counts above zero."""
    assert page.context is not None, page
    assert "counts" in page.context, re.sub(r"\s+", " ", page.content.decode())[:2000]
    return {kind: number for kind, number in page.context["counts"].items() if number}


def problems(page: Any) -> dict[int, list[str]]:
    """Return the problems a preview shows, by row."""
    return {row.number: row.problems for row in page.context["shown"]["error"]}


def confirm(client: Client, page: Any, **fields: str) -> Any:
    """Press the preview's button; return the page that answers."""
    shown = {"verb": "import", "shown": page.context["digest"], "leaves_out": str(page.context["counts"]["error"])}
    return client.post(page.request["PATH_INFO"], shown | fields, follow=True)


def messages(page: Any) -> list[str]:
    """Return what a page tells."""
    return [str(message) for message in page.context["messages"]]
