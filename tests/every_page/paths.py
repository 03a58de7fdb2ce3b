"""Real addresses to knock at: each pattern filled with rows that are there."""

from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet

from business_core.models import Post
from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.change_log.models import ChangeLogEntry
from synapse.kit.jobs.models import JobRun
from tests.every_page.addresses import Address, filled, first_row

_NO_ROW: Final = UUID(int=0)

_ARCHIVED: Final = {"source": "content", "table": "weekly_performance"}

_QUERIES: Final[dict[str, list[dict[str, str]]]] = {
    "admin:autocomplete": [
        {"app_label": "business_core", "model_name": "consultationinquiry", "field_name": "source_post", "term": ""},
    ],
    "admin:search": [{"s": "post", "extended": "1"}],
    "admin:legacy_import_archivedtable_table": [_ARCHIVED],
    "admin:legacy_import_archivedtable_csv": [_ARCHIVED],
}
"""What a page can't be opened without."""


def paths_of(address: Address) -> list[str]:
    """Return the paths to try; one, unless the page has to be told more."""
    path = filled(address, _value)
    return [f"{path}?{urlencode(query)}" for query in _QUERIES[address.name]] if address.name in _QUERIES else [path]


def _value(address: Address, parameter: str) -> object:
    if address.name == "changes:row" and parameter == "key":
        return _post_key()
    if parameter in _VALUES:
        return _VALUES[parameter]()
    row = None if address.model is None else first_row(address.model)
    return _NO_ROW if row is None else row.pk


def _post_type() -> int:
    return ContentType.objects.get_for_model(Post).pk


def _latest_transaction() -> int:
    entry = _entries().first()
    return entry.transaction_id if entry else 0


def _latest_change_of_a_post() -> int:
    entry = _entries().filter(table_name="posts").first()
    return entry.pk if entry else 0


def _entries() -> QuerySet[ChangeLogEntry]:
    return ChangeLogEntry.objects.using(BUSINESS_CORE).order_by("-id")


def _a_run() -> UUID:
    run = JobRun.objects.using(BUSINESS_CORE).first()
    return _NO_ROW if run is None else run.pk


def _post_key() -> UUID:
    row = first_row(Post)
    return _NO_ROW if row is None else UUID(str(row.pk))


_VALUES: Final[dict[str, Any]] = {
    "content_type_id": _post_type,
    "transaction_id": _latest_transaction,
    "entry_id": _latest_change_of_a_post,
    "table": lambda: "posts",
    "alias": lambda: "business-core",
    "database": lambda: "business-core",
    "name": lambda: "primary",
    "app_label": lambda: "business_core",
    "url": lambda: "no-such-page/",
    "kind": lambda: "csv",
    "job": lambda: "refresh-views",
    "run": _a_run,
}
