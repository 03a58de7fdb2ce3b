"""The pages that delete rows of a table, one or many, and the message with the link to the undo.

What lives here: requests, permissions, messages. What does not: what a delete takes and carrying it out
(bulk_delete.py), noticing that somebody edits the row (concurrent_edits/delete_confirmation.py).
"""

from typing import TYPE_CHECKING, Any, Final, TypeVar

from django.contrib import messages
from django.contrib.admin import site as admin_site
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied
from django.db import router
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from synapse.foundation.text.visible import visible
from synapse.kit.admin.bulk_delete import CascadedRows, DeletionPlan, RowsChangedError, delete_rows, plan_deletion
from synapse.kit.import_export.undo_links import undo_link

_M = TypeVar("_M", bound=Model)

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    _Page = ModelAdmin[_M]
else:
    from typing import Generic

    _Page = Generic

_MAX_NAMED_ROWS: Final = 20
"""The others are counted: a selection across pages may be the whole table."""


class DeletePages(_Page[_M]):
    """A mixin of editable pages: deletes one row or many, says what is deleted along, and links to the undo."""

    def get_actions(self, request: HttpRequest) -> Any:
        """Return the list's actions; Django's own deletion names every row and sends every key back."""
        actions: dict[str, Any] = dict(super().get_actions(request))
        if "delete_selected" in actions:
            _, name, words = actions["delete_selected"]
            actions[name] = (type(self).delete_selected_rows, name, words)
        return actions

    def delete_selected_rows(self, request: HttpRequest, chosen: "QuerySet[_M]") -> HttpResponse | None:
        """Ask whether to delete the chosen rows, and delete them once that is confirmed for the state shown."""

        def require_permission(plan: DeletionPlan) -> None:
            if _undeletable_model_names(request, plan):
                raise PermissionDenied

        has_changed = False
        if "post" in request.POST:
            try:
                deletion, undo = delete_rows(
                    chosen,
                    seen=request.POST.get("seen", ""),
                    check=require_permission,
                )
            except RowsChangedError:
                has_changed = True
            else:
                words = f"{_format_row_count(self.model, len(deletion.keys))} deleted."
                self.message_user(request, append_undo_link(words, undo), messages.SUCCESS)
                return None
        return self._ask_confirmation(request, chosen, has_changed=has_changed)

    def _ask_confirmation(self, request: HttpRequest, chosen: "QuerySet[_M]", *, has_changed: bool) -> HttpResponse:
        # Before the rows are named: a change in between then counts as unseen.
        deletion = plan_deletion(chosen)
        across = request.POST.get("select_across") == "1"
        keys = request.POST.getlist(ACTION_CHECKBOX_NAME)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Delete {self.opts.verbose_name_plural}",
            "opts": self.opts,
            "moved": has_changed,
            "lacking": _undeletable_model_names(request, deletion),
            "count": len(deletion.keys),
            "what": _format_row_count(self.model, len(deletion.keys)),
            "named": [visible(str(row)) for row in chosen[:_MAX_NAMED_ROWS]],
            "more": max(len(deletion.keys) - _MAX_NAMED_ROWS, 0),
            "along": [_describe_cascaded_rows(one) for one in deletion.cascaded],
            "seen": deletion.digest,
            "across": int(across),
            # Django runs no action without a key, not even where the whole list is chosen.
            "keys": keys[:1] if across else keys,
            "checkbox": ACTION_CHECKBOX_NAME,
            "back": request.get_full_path(),
        }
        return TemplateResponse(request, "admin/delete_chosen.html", context)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: Any) -> HttpResponse:
        """Answer the delete of one row, within its transaction, with the link to its undo."""
        if IS_POPUP_VAR in request.POST:
            return super().response_delete(request, obj_display, obj_id)
        words = f"The {self.opts.verbose_name} “{visible(obj_display)}” was deleted."
        self.message_user(
            request, append_undo_link(words, undo_link(router.db_for_write(self.model))), messages.SUCCESS
        )
        if not self.has_view_or_change_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        kept: dict[str, Any] = {"preserved_filters": self.get_preserved_filters(request), "opts": self.opts}
        page = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return HttpResponseRedirect(add_preserved_filters(kept, page))


def append_undo_link(words: str, undo: str) -> SafeString:
    """Return the words with the link to the undo, if there is one."""
    return format_html('{} <a href="{}" class="underline">Undo</a>', words, undo) if undo else format_html("{}", words)


def _undeletable_model_names(request: HttpRequest, deletion: DeletionPlan) -> list[str]:
    """Return the names of the kinds of rows that would go and that the person may not delete."""
    models = [deletion.model, *(one.model for one in deletion.cascaded if not one.stays)]
    return [str(model._meta.verbose_name_plural) for model in models if not _may_delete(request, model)]


def _may_delete(request: HttpRequest, model: type[Model]) -> bool:
    if admin_site.is_registered(model):
        return admin_site.get_model_admin(model).has_delete_permission(request)
    return request.user.has_perm(f"{model._meta.app_label}.{get_permission_codename('delete', model._meta)}")


def _describe_cascaded_rows(along: CascadedRows) -> str:
    many = _format_row_count(along.model, along.count)
    is_one = along.count == 1
    if not along.stays:
        return f"{many} {'goes' if is_one else 'go'} along"
    return f"{many} {'stays' if is_one else 'stay'} without {'its' if is_one else 'their'} {along.column}"


def _format_row_count(model: type[Model], count: int) -> str:
    return f"{count:,} {model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural}"
