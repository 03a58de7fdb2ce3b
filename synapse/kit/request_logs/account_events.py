"""Events of accounts and roles: made, changed, deleted, given a role, a permission or a password.

Logged when the transaction commits. What SQL or `QuerySet.update` changes past the models is not seen here.
"""

from collections.abc import Collection, Iterable
from typing import Any, Final

import structlog
from django.contrib.auth.models import Group, Permission, User
from django.db import models
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save

from synapse.foundation.logs.on_commit import log_on_commit

_WATCHED: Final = ("username", "is_active", "is_staff", "is_superuser")
_MAX_NAMES: Final = 100
_BEFORE: Final = "_logged_before"

_logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


def connect_account_events() -> None:
    """Have changes of accounts and roles logged from now on."""
    for signal, receiver, sender in (
        (pre_save, _remember_account, User),
        (post_save, _log_saved_account, User),
        (post_delete, _log_deleted_account, User),
        (pre_save, _remember_role, Group),
        (post_save, _log_saved_role, Group),
        (post_delete, _log_deleted_role, Group),
        (m2m_changed, _log_grant_changes, User.groups.through),
        (m2m_changed, _log_grant_changes, User.user_permissions.through),
        (m2m_changed, _log_grant_changes, Group.permissions.through),
    ):
        signal.connect(receiver, sender=sender, dispatch_uid=f"request_logs {receiver.__name__}")


def _remember_account(
    sender: object,  # noqa: ARG001
    *,
    instance: User,
    using: str,
    update_fields: Collection[str] | None,
    **_: Any,
) -> None:
    """Keep what the account was on the instance, where the save may change something that is watched."""
    if update_fields is None or {*_WATCHED, "password"} & set(update_fields):
        stored = User.objects.using(using).filter(pk=instance.pk).values(*_WATCHED).first()
        # Django keeps the new password itself there until the save is through; a rehash at signing in has none.
        has_new_password = getattr(instance, "_password", None) is not None
        setattr(instance, _BEFORE, (stored, has_new_password))


def _log_saved_account(
    sender: object,  # noqa: ARG001
    *,
    instance: User,
    using: str,
    created: bool,
    **_: Any,
) -> None:
    stored, has_new_password = instance.__dict__.pop(_BEFORE, (None, False))
    name, now = instance.get_username(), {field: getattr(instance, field) for field in _WATCHED}
    if created:
        _log_at_commit(
            using, "account.created", account=name, is_staff=now["is_staff"], is_superuser=now["is_superuser"]
        )
    elif stored is not None:
        changes = {
            field: {"from": stored[field], "to": now[field]} for field in _WATCHED if stored[field] != now[field]
        }
        if changes:
            _log_at_commit(using, "account.changed", account=name, changes=changes)
        if has_new_password:
            _log_at_commit(using, "account.password_changed", account=name)


def _log_deleted_account(sender: object, *, instance: User, using: str, **_: Any) -> None:  # noqa: ARG001
    _log_at_commit(using, "account.deleted", account=instance.get_username())


def _remember_role(sender: object, *, instance: Group, using: str, **_: Any) -> None:  # noqa: ARG001
    stored = Group.objects.using(using).filter(pk=instance.pk).values_list("name", flat=True).first()
    setattr(instance, _BEFORE, stored)


def _log_saved_role(sender: object, *, instance: Group, using: str, created: bool, **_: Any) -> None:  # noqa: ARG001
    before = instance.__dict__.pop(_BEFORE, None)
    if created:
        _log_at_commit(using, "role.created", role=instance.name)
    elif before != instance.name:
        _log_at_commit(using, "role.renamed", role=instance.name, before=before)


def _log_deleted_role(sender: object, *, instance: Group, using: str, **_: Any) -> None:  # noqa: ARG001
    _log_at_commit(using, "role.deleted", role=instance.name)


def _log_grant_changes(  # noqa: PLR0913 - the signal's
    sender: object,  # noqa: ARG001
    *,
    instance: models.Model,
    action: str,
    model: type[User | Group | Permission],
    pk_set: set[Any] | None,
    using: str,
    **_: Any,
) -> None:
    """Log roles and permissions that were given or taken, from whichever side of the relation it was done."""
    if action in {"post_add", "post_remove"} and pk_set:
        given = "added" if action == "post_add" else "removed"
        names = _row_names(model.objects.using(using).filter(pk__in=pk_set))
        _log_at_commit(using, _grant_event_name(instance, model), **_subject_field(instance), **{given: names})
    elif action == "pre_clear":
        # Which ones they were is gone afterwards.
        _log_at_commit(using, _grant_event_name(instance, model), **_subject_field(instance), removed="all")


def _grant_event_name(instance: models.Model, other: type[models.Model]) -> str:
    """Return the event's name: an account's roles or permissions, or a role's permissions."""
    kinds = {type(instance), other}
    if Permission in kinds:
        return "role.permissions_changed" if Group in kinds else "account.permissions_changed"
    return "account.roles_changed"


def _subject_field(instance: models.Model) -> dict[str, str]:
    kind = {User: "account", Group: "role", Permission: "permission"}[type(instance)]
    return {kind: _row_name(instance)}


def _row_names(rows: Iterable[models.Model]) -> list[str]:
    names = sorted(_row_name(row) for row in rows)
    more = len(names) - _MAX_NAMES
    return names if more <= 0 else [*names[:_MAX_NAMES], f"and {more} more"]


def _row_name(row: models.Model) -> str:
    if isinstance(row, Permission):
        return f"{row.content_type.app_label}.{row.codename}"
    return row.get_username() if isinstance(row, User) else str(getattr(row, "name", row.pk))


def _log_at_commit(using: str, event: str, **fields: Any) -> None:
    log_on_commit(_logger, event, using=using, **fields)
