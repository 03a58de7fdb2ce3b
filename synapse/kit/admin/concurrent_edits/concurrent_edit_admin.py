"""ConcurrentEditAdmin: the admin pages on which two people can edit one row and nobody's edit is lost.

What lives here: the transaction, the row lock and the messages around the three-way merge, which is the forms' own
(row_merge.py, inline_rows.py, list_cells.py). Mixed into `editable.TableAdmin`.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final, TypeVar, cast

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, OperationalError, router, transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from synapse.foundation.lock_waits import is_lock_refusal
from synapse.kit.admin.concurrent_edits.conflict_report import describe_merges, find_conflicts, find_deleted_rows
from synapse.kit.admin.concurrent_edits.delete_confirmation import ConcurrentDeleteAdmin
from synapse.kit.admin.concurrent_edits.edit_of_deleted_row import read_typed_values
from synapse.kit.admin.concurrent_edits.idempotent_add import (
    assign_new_row_key,
    find_row_added_before,
    idempotency_key_for_form,
    new_row_key,
)
from synapse.kit.admin.concurrent_edits.inline_rows import ConcurrentInlineFormSet
from synapse.kit.admin.concurrent_edits.list_cells import ConcurrentListFormSet, lock_listed_rows, notify_refused_row
from synapse.kit.admin.concurrent_edits.refusals import refuse_request, refusing_form, request_refusal
from synapse.kit.admin.concurrent_edits.row_history import row_history
from synapse.kit.admin.concurrent_edits.row_locks import lock_rows, parse_key
from synapse.kit.admin.concurrent_edits.row_merge import ThreeWayMergeForm
from synapse.kit.admin.lock_wait_middleware import HELD_SENTENCE

_M = TypeVar("_M", bound=Model)

_HTTP_GONE: Final = 410


class ConcurrentEditAdmin(ConcurrentDeleteAdmin[_M]):
    """A mixin of editable pages: a row with its inline rows, the list edited in place, deletes, idempotent adds."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Answer the row's page; what is sent is merged and saved under a lock of the row.

        An add that was sent before is answered like the first time, an edit of a deleted row with 410 Gone.
        """
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        try:
            return self._save_row(request, object_id, form_url, extra_context)
        except OperationalError as error:
            if not is_lock_refusal(error):
                raise
            # The form is validated and shown once more, with what was typed; refused, it saves and locks nothing.
            refuse_request(request, HELD_SENTENCE)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def _save_row(
        self, request: HttpRequest, object_id: str | None, form_url: str, extra_context: dict[str, Any] | None
    ) -> Any:
        if "_saveasnew" in request.POST:
            return super().changeform_view(request, object_id, form_url, extra_context)
        alias = router.db_for_write(self.model)
        key = new_row_key(request, self.model) if object_id is None else parse_key(self.model, unquote(object_id))
        with transaction.atomic(using=alias):
            if object_id is None and key is not None and self.has_add_permission(request):
                added = find_row_added_before(self.model, key, alias)
                if added is not None:
                    return self.response_add(request, cast("_M", added))
            elif object_id is not None and key is not None and not lock_rows(self.model, alias, pk=key):
                return self._answer_edit_of_deleted_row(request, key, alias)
            try:
                with transaction.atomic(using=alias):
                    return super().changeform_view(request, object_id, form_url, extra_context)
            except IntegrityError:
                # Somebody saved the same unique value after the form had looked for it. The savepoint is rolled back;
                # by now the value is visible, so the form, validated again, says so beside the field.
                return super().changeform_view(request, object_id, form_url, extra_context)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Answer the list; edited in place, its rows are locked until they are merged and saved."""
        if request.method != "POST" or "_save" not in request.POST:
            return super().changelist_view(request, extra_context)
        try:
            with transaction.atomic(using=router.db_for_write(self.model)):
                lock_listed_rows(self.model, request, "form")
                response = super().changelist_view(request, extra_context)
        except OperationalError as error:
            if not is_lock_refusal(error):
                raise
            refuse_request(request, HELD_SENTENCE)
            response = super().changelist_view(request, extra_context)
        changelist = (getattr(response, "context_data", None) or {}).get("cl")
        if changelist is not None and changelist.formset is not None:
            # Django pairs the sent forms with the rows the list would show now, which may be others in another order.
            changelist.result_list = [form.instance for form in changelist.formset.forms]
        return response

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002  # Django's signature
        """Return the row's form; it refuses where the request was refused."""
        return refusing_form(request, super().get_form(request, obj, change, **kwargs))

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the form of a row edited in place: the three-way merge."""
        return super().get_changelist_form(request, **{"form": ThreeWayMergeForm, **kwargs})

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the formset of the list, which notifies the person of each row it refuses."""
        formset: Any = super().get_changelist_formset(request, **{"formset": ConcurrentListFormSet, **kwargs})
        notify = partial(self.message_user, request, level=messages.ERROR)
        formset.refusal = request_refusal(request)
        formset.on_refusal = staticmethod(lambda form: notify_refused_row(request, form, notify))
        return formset

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form of a row; after a refused save with conflicts, deleted inline rows and merges above it."""
        if request.method == "POST" and context["original"] is not None:
            sets = [inline.formset for inline in context["inline_admin_formsets"]]
            for formset in sets:
                if isinstance(formset, ConcurrentInlineFormSet):
                    formset.align_rows()
            labelled = list(_labelled_forms(context["adminform"].form, sets))
            context["conflicts"] = find_conflicts(request, labelled)
            may_return = {
                str(form.prefix)
                for formset in sets
                if isinstance(formset, ConcurrentInlineFormSet) and formset.may_bring_back
                for form in formset.initial_forms
            }
            context["deleted_rows"] = find_deleted_rows(request, labelled, may_return=may_return)
            context["merges"] = describe_merges(request, labelled)
        if context["original"] is None:
            context["row_key"] = idempotency_key_for_form(request, self.model)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_form(self, request: HttpRequest, form: Any, change: Any) -> Any:
        """Return the row as the form has it, a new one with the key that its idempotency key gives."""
        row = super().save_form(request, form, change)
        if not change:
            assign_new_row_key(request, row)
        return row

    def save_model(self, request: HttpRequest, obj: _M, form: Any, change: Any) -> None:
        """Save the row, a new one with the key that its idempotency key gives."""
        if not change:
            # Again: Django builds the inline rows in between, and that clears the key.
            assign_new_row_key(request, obj)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """Save the inline rows, and tell the person what was merged: what somebody else changed meanwhile."""
        merges = describe_merges(request, _labelled_forms(form, formsets)) if change else []
        super().save_related(request, form, formsets, change)
        for merge in merges:
            self.message_user(request, f"{merge}; that is kept, and so is your edit.", messages.INFO)

    def _answer_edit_of_deleted_row(self, request: HttpRequest, key: Any, alias: str) -> HttpResponse:
        """Answer an edit of a deleted row with 410 Gone: who deleted it, and what was typed, to be copied."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": f"This {self.opts.verbose_name} was deleted while you edited it",
            "opts": self.opts,
            "deletion": row_history().find_deletion(self.model, key, alias),
            "may_look": self.has_view_permission(request),
            "typed": read_typed_values(self, request),
            "media": self.media,
        }
        return TemplateResponse(
            request, "synapse/kit/admin/concurrent_edits/edit_of_deleted_row.html", context, status=_HTTP_GONE
        )


def _labelled_forms(form: Any, formsets: Sequence[Any]) -> Iterator[tuple[str, ThreeWayMergeForm]]:
    """Yield the forms of a page that hold rows, an inline row's with its name."""
    if isinstance(form, ThreeWayMergeForm):
        yield "", form
    for formset in formsets:
        for row in formset.initial_forms:
            if isinstance(row, ThreeWayMergeForm):
                yield str(row.instance), row
