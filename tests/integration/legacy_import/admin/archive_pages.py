"""Looking at the pages of the archived tables."""

import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import Permission, User
from django.http.response import StreamingHttpResponse
from django.test import Client

LIST = "/admin/legacy_import/archivedtable/"
DRAWER = 'CREATE TABLE drawer (zeta TEXT, "alpha_one" INTEGER, "=note" TEXT, PRIMARY KEY (zeta))'


def table_page(source: str, table: str, *, database: str = "business-core", kind: str = "", **query: str) -> str:
    """Return the address of a table's page, or of its CSV."""
    return f"{LIST}{database}/{kind}?{urlencode({'source': source, 'table': table, **query})}"


def html_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def headings(html: str) -> list[str]:
    """Return the words of the table's headings, without the one of the row numbers."""
    found = re.search(r'<table class="legacy-rows">\s*<thead>(.*?)</thead>', html, re.DOTALL)
    assert found is not None
    return [_words(cell) for cell in re.findall(r"<th\b[^>]*>(.*?)</th>", found[1], re.DOTALL)][1:]


def cells(html: str) -> list[list[str]]:
    """Return each row's cells in words: the row's number, then cells with their classes before them."""
    body = (
        html.partition('<table class="legacy-rows">')[2].partition("<tbody>")[2].partition('<p class="paginator">')[0]
    )
    rows = re.findall(r'<tr>\s*(<th scope="row">.*?)</tr>', body, re.DOTALL)
    return [[_cell(*cell) for cell in re.findall(r"<t[hd]([^>]*)>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows]


def csv_bytes(client: Client, address: str) -> bytes:
    response: Any = client.get(address)
    assert isinstance(response, StreamingHttpResponse)
    assert response.status_code == 200
    return response.getvalue()


def clerk(*permissions: str) -> User:
    """Make a member of staff who may do what is named and nothing else."""
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def _cell(attributes: str, inner: str) -> str:
    classes = re.search(r'class="([^"]*)"', attributes)
    return f"{classes[1]}: {_words(inner)}" if classes else _words(inner)


def _words(html: str) -> str:
    remarked = html.replace('<span class="remark">', " ")
    return unescape(re.sub(r"<[^>]*>", "", remarked)).strip()
