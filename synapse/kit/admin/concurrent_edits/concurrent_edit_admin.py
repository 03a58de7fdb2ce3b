"""Pages on which nobody's edit is lost when two people work on one row.

What lives here: holding the row still while it is compared and saved, and telling what the other did. What does not:
the comparison (exact_forms.py, conflicts_inline.py, conflicts_list.py), its words (conflicts.py).
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, TypeVar, cast

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, router, transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from synapse.kit.admin.concurrent_edits.conflict_report import found_conflicts, gone_rows, told_merges
from synapse.kit.admin.concurrent_edits.delete_confirmation import MeetingDeletion
from synapse.kit.admin.concurrent_edits.edit_of_deleted_row import typed_on_page
from synapse.kit.admin.concurrent_edits.idempotent_add import (
    give_new_row_key,
    key_for_form,
    new_row_key,
    row_added_before,
)
from synapse.kit.admin.concurrent_edits.inline_rows import MeetingInlineFormSet
from synapse.kit.admin.concurrent_edits.list_cells import MeetingListFormSet, lock_listed_rows, tell_refused
from synapse.kit.admin.concurrent_edits.row_history import row_history
from synapse.kit.admin.concurrent_edits.row_locks import key_of, lock_rows
from synapse.kit.admin.concurrent_edits.row_merge import ExactModelForm

_M = TypeVar("_M", bound=Model)

_GONE = 410


class MeetingPages(MeetingDeletion[_M]):
    """A mixin of editable pages: the page of a row, of its inline rows, and the list edited in place."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Answer the row's page; what is sent meets a row that nobody can change meanwhile."""
        if request.method != "POST" or "_saveasnew" in request.POST:
            return super().changeform_view(request, object_id, form_url, extra_context)
        alias = router.db_for_write(self.model)
        key = new_row_key(request, self.model) if object_id is None else key_of(self.model, unquote(object_id))
        with transaction.atomic(using=alias):
            if object_id is None and key is not None and self.has_add_permission(request):
                added = row_added_before(self.model, key, alias)
                if added is not None:
                    return self.response_add(request, cast("_M", added))
            elif object_id is not None and key is not None and not lock_rows(self.model, alias, pk=key):
                return self._gone(request, key, alias)
            try:
                with transaction.atomic(using=alias):
                    return super().changeform_view(request, object_id, form_url, extra_context)
            except IntegrityError:
                # Somebody saved the like in this very moment. By now it can be seen, so asked again the form says it.
                return super().changeform_view(request, object_id, form_url, extra_context)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Answer the list; edited in place, its rows stay as they are until they are compared and saved."""
        if request.method != "POST" or "_save" not in request.POST:
            return super().changelist_view(request, extra_context)
        with transaction.atomic(using=router.db_for_write(self.model)):
            lock_listed_rows(self.model, request, "form")
            response = super().changelist_view(request, extra_context)
        changelist = (getattr(response, "context_data", None) or {}).get("cl")
        if changelist is not None and changelist.formset is not None:
            # Django pairs the sent forms with the rows the list would show now, which may be others in another order.
            changelist.result_list = [form.instance for form in changelist.formset.forms]
        return response

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the form of a row edited in place: the one that keeps others' edits."""
        return super().get_changelist_form(request, **{"form": ExactModelForm, **kwargs})

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the list's forms, which say of each row they refuse why."""
        formset: Any = super().get_changelist_formset(request, **{"formset": MeetingListFormSet, **kwargs})
        tell = partial(self.message_user, request, level=messages.ERROR)
        formset.on_refusal = staticmethod(lambda form: tell_refused(request, form, tell))
        return formset

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form of a row; after a refused save with what somebody else changed."""
        if request.method == "POST" and context["original"] is not None:
            sets = [inline.formset for inline in context["inline_admin_formsets"]]
            for formset in sets:
                if isinstance(formset, MeetingInlineFormSet):
                    formset.align_rows()
            labelled = list(_labelled_forms(context["adminform"].form, sets))
            context["conflicts"] = found_conflicts(request, labelled)
            context["gone_rows"] = gone_rows(request, labelled, may_return=_prefixes_that_may_return(sets))
            context["merges"] = told_merges(request, labelled)
        if context["original"] is None:
            context["row_key"] = key_for_form(request, self.model)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_form(self, request: HttpRequest, form: Any, change: Any) -> Any:
        """Return the row as the form has it, a new one under the key that the form stands for."""
        row = super().save_form(request, form, change)
        if not change:
            give_new_row_key(request, row)
        return row

    def save_model(self, request: HttpRequest, obj: _M, form: Any, change: Any) -> None:
        """Save the row, a new one under the key that its form stands for."""
        if not change:
            # Again, for building the inline rows took it away.
            give_new_row_key(request, obj)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """Save the inline rows, and tell what somebody else changed while the page was open."""
        merges = told_merges(request, _labelled_forms(form, formsets)) if change else []
        super().save_related(request, form, formsets, change)
        for merge in merges:
            self.message_user(request, f"{merge}; that is kept, and so is your edit.", messages.INFO)

    def _gone(self, request: HttpRequest, key: Any, alias: str) -> HttpResponse:
        """Answer an edit of a row that is deleted: say by whom, and give back what was typed."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": f"This {self.opts.verbose_name} was deleted while you edited it",
            "opts": self.opts,
            "told": row_history().deletion(self.model, key, alias),
            "may_look": self.has_view_permission(request),
            "typed": typed_on_page(self, request),
            "media": self.media,
        }
        return TemplateResponse(
            request, "synapse/kit/admin/concurrent_edits/edit_of_deleted_row.html", context, status=_GONE
        )


def _labelled_forms(form: Any, formsets: Sequence[Any]) -> Iterator[tuple[str, ExactModelForm]]:
    """Yield the forms of a page that hold rows, an inline row's with its name."""
    if isinstance(form, ExactModelForm):
        yield "", form
    for formset in formsets:
        for row in formset.initial_forms:
            if isinstance(row, ExactModelForm):
                yield str(row.instance), row


def _prefixes_that_may_return(formsets: Sequence[Any]) -> set[str]:
    """Return the prefixes of the forms whose rows this person may bring back where somebody deleted them."""
    sets = [formset for formset in formsets if isinstance(formset, MeetingInlineFormSet) and formset.may_bring_back]
    return {str(form.prefix) for formset in sets for form in formset.initial_forms}
