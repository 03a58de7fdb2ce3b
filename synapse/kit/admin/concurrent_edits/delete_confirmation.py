"""Deleting a row that somebody else edits while this person looks at the question.

What lives here: the marks that the question carries of what it was asked about, and asking again where that changed.
What does not: the deleting and its words (delete_pages.py), deleting many at once (deletions.py).
"""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from django.contrib.admin.utils import unquote
from django.db import router, transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.crypto import salted_hmac
from django.utils.text import get_text_list

from synapse.kit.admin.concurrent_edits.conflict_report import as_seen_by, begun
from synapse.kit.admin.concurrent_edits.row_history import row_history
from synapse.kit.admin.concurrent_edits.row_locks import key_of, lock_rows

_M = TypeVar("_M", bound=Model)

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    _Page = ModelAdmin[_M]
else:
    from typing import Generic

    _Page = Generic

SEEN: Final = "_seen"
"""The name under which the question sends what it was asked about. Whoever sends none looked at no page."""

_SHORT: Final = 16


class MeetingDeletion(_Page[_M]):
    """A mixin of editable pages: a row changed since the person was asked is not deleted before that is seen."""

    delete_confirmation_template = "admin/table_delete_confirmation.html"

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        """Ask whether the row shall go, and delete it once that is confirmed for the row as seen."""
        alias, key = router.db_for_write(self.model), key_of(self.model, unquote(object_id))
        with transaction.atomic(using=alias):
            if request.method == "POST" and key is not None:
                lock_rows(self.model, alias, pk=key)
            # Before the page reads the row: what changes in between is noticed, not taken for seen.
            row = _rows(self.model).filter(pk=key).first()
            marks = {} if row is None else self._marks(row)
            changes = [] if row is None else self._unseen_changes(request, row, marks)
            if changes:
                # Django deletes where anything was sent, and asks where nothing was.
                request.POST = QueryDict()
            context = {
                "seen_name": SEEN,
                "seen": json.dumps(marks),
                "unseen_changes": changes,
                "may_look": self.has_view_permission(request),
            }
            return super().delete_view(request, object_id, {**context, **(extra_context or {})})

    def _marks(self, row: Model) -> dict[str, str]:
        """Return a mark of each column of the row, and of the inline rows that would go along."""
        columns: dict[str, Any] = {
            str(column.column): column.value_from_object(row) for column in row._meta.concrete_fields
        }
        inline = {_inline_name(one.model): _inline_rows(one.model, row) for one in self.inlines}
        # Keyed, so that nobody reads from the mark of a column they may not see what it holds.
        return {
            name: salted_hmac(f"{SEEN}{row.pk}{name}", repr(value), algorithm="sha256").hexdigest()[:_SHORT]
            for name, value in {**columns, **inline}.items()
        }

    def _unseen_changes(self, request: HttpRequest, row: Model, marks: Mapping[str, str]) -> list[str]:
        """Return a sentence per person who changed what the question that was answered had been about."""
        seen = _sent_marks(request)
        changed = [] if seen is None else [name for name, mark in marks.items() if seen.get(name) != mark]
        history = row_history().latest_changes(row) if changed else {}
        by_whom: dict[str, list[str]] = {}
        for name, label in self._labels():
            if name in changed:
                by_whom.setdefault(begun(as_seen_by(request, history.get(name))), []).append(label)
        return [f"{who} changed {get_text_list(labels, 'and')}" for who, labels in by_whom.items()]

    def _labels(self) -> Iterator[tuple[str, str]]:
        for column in self.opts.concrete_fields:
            # Whatever is saved changes it too; alone it says nothing.
            if column.name != "updated_at":
                yield str(column.column), str(column.verbose_name)
        for inline in self.inlines:
            yield _inline_name(inline.model), f"its {inline.model._meta.verbose_name_plural}"


def _rows(model: type[_M]) -> "QuerySet[_M]":
    manager: Any = model._base_manager  # noqa: SLF001  # documented; a page may list fewer rows than there are
    rows: QuerySet[_M] = manager.using(router.db_for_write(model))
    return rows


def _inline_rows(model: type[Model], parent: Model) -> list[tuple[Any, ...]]:
    (link,) = (column.name for column in model._meta.concrete_fields if column.related_model is type(parent))
    return list(_rows(model).filter(**{link: parent.pk}).order_by("pk").values_list())


def _inline_name(model: type[Model]) -> str:
    # No column has a dot in its name.
    return model._meta.label_lower


def _sent_marks(request: HttpRequest) -> dict[str, Any] | None:
    """Return the marks that were sent, None where none were; nonsense marks nothing."""
    if SEEN not in request.POST:
        return None
    try:
        sent = json.loads(request.POST[SEEN])
    except ValueError:
        sent = None
    return sent if isinstance(sent, dict) else {}
