"""Who may look at changes of a table, and who may revert them.

Asked of the admin page of the table's model, else of Django's permissions. Reverting an update needs the permission to
change, an insert to delete, a delete to add.
"""

from collections.abc import Iterable
from typing import Any, Final

from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from synapse.kit.change_log.formatting import find_table_model

_PERMISSION_TO_REVERT: Final = {"update": "change", "insert": "delete", "delete": "add"}
"""The permission by the operation that is reverted."""


def may_view(request: HttpRequest, table: str) -> bool:
    """Say whether the person may look at the table's rows."""
    return _has_permission(request, "view", table)


def may_revert(request: HttpRequest, kinds: Iterable[tuple[str, str]]) -> bool:
    """Say whether the person may revert what was done (insert, update, delete) to all these tables."""
    return all(_has_permission(request, _PERMISSION_TO_REVERT[kind], table) for table, kind in kinds)


def require_view_permission(request: HttpRequest, tables: Iterable[str]) -> None:
    """Raise PermissionDenied unless the person may look at all the tables' rows."""
    if not all(may_view(request, table) for table in tables):
        raise PermissionDenied


def require_revert_permission(request: HttpRequest, kinds: Iterable[tuple[str, str]]) -> None:
    """Raise PermissionDenied unless the person may revert all of this."""
    if not may_revert(request, kinds):
        raise PermissionDenied


def _has_permission(request: HttpRequest, verb: str, table: str) -> bool:
    model = find_table_model(table)
    if model is None:
        return bool(request.user.is_active and getattr(request.user, "is_superuser", False))
    if admin.site.is_registered(model):
        page: Any = admin.site.get_model_admin(model)
        return bool(getattr(page, f"has_{verb}_permission")(request))
    meta = model._meta
    return request.user.has_perm(f"{meta.app_label}.{get_permission_codename(verb, meta)}")
