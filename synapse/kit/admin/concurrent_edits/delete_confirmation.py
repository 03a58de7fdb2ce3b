"""Deleting a row that somebody else edits while this person looks at the confirmation.

Optimistic concurrency for deletes: the confirmation carries a fingerprint of each column and of the inline rows that go
along. Where one differs from what is stored by then, nothing is deleted and the person is asked again, with who changed
what. The plan of a delete of many rows is bulk_delete.py, the pages' words delete_pages.py.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from django.contrib.admin.utils import unquote
from django.db import router, transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.crypto import salted_hmac
from django.utils.text import get_text_list

from synapse.kit.admin.concurrent_edits.conflict_report import as_seen_by, author_words
from synapse.kit.admin.concurrent_edits.row_history import row_history
from synapse.kit.admin.concurrent_edits.row_locks import lock_rows, parse_key

_M = TypeVar("_M", bound=Model)

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    _Page = ModelAdmin[_M]
else:
    from typing import Generic

    _Page = Generic

SEEN: Final = "_seen"
"""The name under which the confirmation sends its fingerprints; a request without any came from no page of ours."""

_FINGERPRINT_LENGTH: Final = 16
"""Hexadecimal digits, hence 64 bits: enough to notice a change by chance or by somebody else."""


class ConcurrentDeleteAdmin(_Page[_M]):
    """A mixin of editable pages: deletes a row only in the state that the person has seen."""

    delete_confirmation_template = "admin/table_delete_confirmation.html"

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        """Ask whether to delete the row, and delete it once that is confirmed for the state that is stored."""
        alias, key = router.db_for_write(self.model), parse_key(self.model, unquote(object_id))
        with transaction.atomic(using=alias):
            if request.method == "POST" and key is not None:
                lock_rows(self.model, alias, pk=key)
            # Before Django reads the row for the page: a change in between then counts as unseen.
            row = _all_rows(self.model).filter(pk=key).first()
            fingerprints = {} if row is None else self._fingerprint_columns(row)
            changes = [] if row is None else self._unseen_changes(request, row, fingerprints)
            if changes:
                # Django deletes where POST holds anything, and shows the confirmation where it is empty.
                request.POST = QueryDict()
            context = {
                "seen_name": SEEN,
                "seen": json.dumps(fingerprints),
                "unseen_changes": changes,
                "may_look": self.has_view_permission(request),
            }
            return super().delete_view(request, object_id, {**context, **(extra_context or {})})

    def _fingerprint_columns(self, row: Model) -> dict[str, str]:
        """Return a fingerprint of each column of the row, and of each kind of inline rows that would go along."""
        columns: dict[str, Any] = {
            str(column.column): column.value_from_object(row) for column in row._meta.concrete_fields
        }
        inline: dict[str, Any] = {}
        for one in self.inlines:
            (link,) = (column.name for column in one.model._meta.concrete_fields if column.related_model is type(row))
            rows = _all_rows(one.model).filter(**{link: row.pk}).order_by("pk")
            inline[_inline_name(one.model)] = list(rows.values_list())
        # An HMAC, not a plain hash: the values of a column that the person may not see cannot be guessed from it.
        digests = {
            name: salted_hmac(f"{SEEN}{row.pk}{name}", repr(value), algorithm="sha256").hexdigest()
            for name, value in {**columns, **inline}.items()
        }
        return {name: digest[:_FINGERPRINT_LENGTH] for name, digest in digests.items()}

    def _unseen_changes(self, request: HttpRequest, row: Model, fingerprints: Mapping[str, str]) -> list[str]:
        """Return a sentence per person who changed something since the confirmation that was sent was shown."""
        seen = _sent_fingerprints(request)
        changed = [] if seen is None else [name for name, stored in fingerprints.items() if seen.get(name) != stored]
        history = row_history().latest_changes(row) if changed else {}
        by_whom: dict[str, list[str]] = {}
        # Every save changes `updated_at` as well; alone it says nothing.
        columns = [column for column in self.opts.concrete_fields if column.name != "updated_at"]
        labels = {str(column.column): str(column.verbose_name) for column in columns}
        labels |= {_inline_name(one.model): f"its {one.model._meta.verbose_name_plural}" for one in self.inlines}
        for name, label in labels.items():
            if name in changed:
                by_whom.setdefault(author_words(as_seen_by(request, history.get(name))), []).append(label)
        return [f"{who} changed {get_text_list(names, 'and')}" for who, names in by_whom.items()]


def _all_rows(model: type[_M]) -> "QuerySet[_M]":
    manager: Any = model._base_manager  # noqa: SLF001  # documented; a page may list fewer rows than there are
    rows: QuerySet[_M] = manager.using(router.db_for_write(model))
    return rows


def _inline_name(model: type[Model]) -> str:
    # With the app's label and a dot: no column has such a name.
    return model._meta.label_lower


def _sent_fingerprints(request: HttpRequest) -> dict[str, Any] | None:
    """Return the fingerprints that were sent, None where none were; what cannot be read matches nothing."""
    if SEEN not in request.POST:
        return None
    try:
        sent = json.loads(request.POST[SEEN])
    except ValueError:
        sent = None
    return sent if isinstance(sent, dict) else {}
