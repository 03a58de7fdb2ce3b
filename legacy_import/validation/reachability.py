"""Every imported inquiry can be reached where people look for it: the ORM, its admin page, the rebuilt SQLite table.

The admin is asked as an unsaved superuser. What the inquiries are worth is compared in `pipeline_value`.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from legacy_import.cell_display import format_key
from legacy_import.models import LedgerRow
from legacy_import.pipeline.encoded_sql import encoded_table_sql
from legacy_import.pipeline.quoting import literal
from legacy_import.pipeline.stage.schema_drift import read_stored_schema
from legacy_import.validation.differences import Difference
from legacy_import.validation.legacy_files import Reading
from legacy_import.validation.pipeline_value import INQUIRY_MODEL, inquiry_tables
from legacy_import.validation.signatures import deletion_author_sql

MAX_PAGES_OPENED: Final = 200
"""Pages looked up one by one, spread over all inquiries; the admin's list is asked for every one."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How many inquiries of a source should be there, and how many each way finds; `pages` of `pages_tried`."""

    live: int
    orm: int
    admin: int
    pages: int
    pages_tried: int
    rebuilt: int
    rebuilt_of: int

    @property
    def is_full(self) -> bool:
        """Whether every way finds all."""
        whole = (self.live, self.live, self.pages_tried, self.rebuilt_of)
        return (self.orm, self.admin, self.pages, self.rebuilt) == whole

    def as_line(self) -> dict[str, Any]:
        """Return the figures as a line of the check's table."""
        return {
            "live inquiries": self.live,
            "through the ORM": self.orm,
            "in the admin's list": self.admin,
            "on their admin pages": f"{self.pages} of {self.pages_tried} tried",
            "in the rebuilt table": f"{self.rebuilt} of {self.rebuilt_of}",
        }


def measure_reachability(reading: Reading) -> tuple[Reach, list[Difference]]:
    """Return how far a source's inquiries can be reached, and those that cannot."""
    model = apps.get_model(INQUIRY_MODEL)
    owned = _reachable_rows(reading)
    page = _AdminPage(model)
    listed = page.admin.get_queryset(page.request)
    # The ledger's ids are checksums: in their order, the first ones are a random sample.
    sample = list(owned.order_by("id")[:MAX_PAGES_OPENED])
    opened = [row for row in sample if page.shows_row(str(row.target_key))]
    rebuilt, rebuilt_of = _count_rebuilt_rows(reading)
    found = Reach(
        live=owned.count(),
        orm=owned.filter(_is_in_queryset(QuerySet(model, using=reading.source.database))).count(),
        admin=owned.filter(_is_in_queryset(listed)).count(),
        pages=len(opened),
        pages_tried=len(sample),
        rebuilt=rebuilt,
        rebuilt_of=rebuilt_of,
    )
    lost = [row for row in sample if row not in opened]
    lost += (
        list(owned.exclude(_is_in_queryset(listed)).order_by("key")[:MAX_PAGES_OPENED])
        if found.admin != found.live
        else []
    )
    where = "on no admin page"
    return found, [
        Difference("unexplained", row.legacy_table, format_key(row.key), "", None, f"an inquiry ({where})")
        for row in lost
    ]


def _reachable_rows(reading: Reading) -> QuerySet[LedgerRow]:
    """Return the ledger's rows of inquiries that should be there: those that landed and that nobody signed away."""
    rows = LedgerRow.objects.using(reading.source.database).filter(
        source=reading.source.name,
        legacy_table__in=[table.name for table in inquiry_tables(reading.source)],
        state=LedgerRow.State.LIVE,
    )
    return rows.extra(where=[f"NOT {_inquiry_deletion_has_author_sql('ledger')}"])  # noqa: S610 - SQL of constants


def _is_in_queryset(rows: QuerySet[Any]) -> Exists:
    # order_by() drops the admin's ordering, which EXISTS does not need.
    return Exists(rows.order_by().filter(pk=OuterRef("target_key")))


class _AdminPage:
    """The inquiries' admin as a superuser sees it."""

    def __init__(self, model: type[Model]) -> None:
        self.admin = admin.site.get_model_admin(model)
        self.request = HttpRequest()
        self.request.method = "GET"
        self.request.user = get_user_model()(username="validation", is_active=True, is_staff=True, is_superuser=True)
        self._page = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"

    def shows_row(self, key: str) -> bool:
        """Say whether the row's address leads to a page that finds the row and lets it be seen."""
        try:
            match = resolve(reverse(self._page, args=[key]))
        except (NoReverseMatch, Resolver404):
            return False
        row = self.admin.get_object(self.request, match.kwargs["object_id"])
        return row is not None and self.admin.has_view_permission(self.request, row)


def _count_rebuilt_rows(reading: Reading) -> tuple[int, int]:
    """Return how many inquiries the rebuilt tables hold, and how many they should: all but those gone or deleted."""
    remembered = read_stored_schema(reading.source.database, reading.source.name)
    rebuilt, expected = 0, 0
    for declared in inquiry_tables(reading.source):
        kept_sql = f"""(
            SELECT FROM ledger AS l
            WHERE l.source = {literal(reading.source.name)} AND l.legacy_table = {literal(declared.name)}
              AND l.state NOT IN ('gone', 'deleted')
              AND NOT (l.state = 'live' AND {_inquiry_deletion_has_author_sql("l")})
        )"""
        expected += _count_relation(reading, kept_sql)
        stored = remembered.find_table(declared.name) if remembered else None
        rebuilt += _count_relation(reading, encoded_table_sql(reading.source, stored)) if stored else 0
    return rebuilt, expected


def _count_relation(reading: Reading, relation: str) -> int:
    reading.cursor.execute(f"SELECT count(*) FROM {relation} AS r")
    rows: int = reading.cursor.fetchone()[0]
    return rows


def _inquiry_deletion_has_author_sql(ledger: str) -> str:
    """Return SQL for a condition on a ledger row: its inquiry is not there any more, and the deletion is signed."""
    author = deletion_author_sql("'consultation_inquiries'", f"{ledger}.target_key")
    return (
        f"(NOT EXISTS (SELECT FROM consultation_inquiries AS t WHERE t.inquiry_id = {ledger}.target_key)"
        f" AND {author} IS NOT NULL)"
    )
