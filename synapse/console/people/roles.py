"""The roles: what each of them may do, as groups that a migration makes. Every page checks its permission itself."""

from enum import StrEnum
from typing import Final

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import transaction

from synapse.foundation.databases import BUSINESS_CORE

_BUSINESS_APPS: Final = frozenset({"business_core", "analytics", "revenue"})
_READABLE_APPS: Final = _BUSINESS_APPS | {"change_log", "legacy_import"}
_EXPERIMENTS: Final = frozenset({"abtest", "abtestvariant"})


class Role(StrEnum):
    """A group's name."""

    SALES = "sales"
    ANALYST = "analyst"
    MIGRATION_OPERATOR = "migration operator"
    ADMINISTRATOR = "administrator"


def role_permissions(role: Role) -> set[Permission]:
    """Return the permissions the role is declared to have, of those that exist in the database."""
    every = Permission.objects.using(BUSINESS_CORE).select_related("content_type")
    return {one for one in every if is_granted(role, one.content_type.app_label, one.content_type.model, one.codename)}


def is_granted(role: Role, app: str, model: str, codename: str) -> bool:
    """Say whether the role is declared to have the permission of this app's model."""
    reads = app in _READABLE_APPS and codename.startswith("view_")
    # To refresh a materialized view changes no row, so who reads figures may have them fresh.
    refreshes = app in _BUSINESS_APPS and codename.startswith("refresh_")
    match role:
        case Role.SALES:  # Edits the business core and reads the rest.
            return app == "business_core" or reads
        case Role.ANALYST:  # Reads all, edits analytics and the A/B tests.
            edits = app == "analytics" or (app == "revenue" and model in _EXPERIMENTS)
            return edits or reads or refreshes
        case Role.MIGRATION_OPERATOR:  # Runs imports, quarantine, divergences, backups, jobs; edits no business row.
            looks = app == "django_q" and (codename.startswith("view_") or codename == "change_schedule")
            return app in {"legacy_import", "job_base"} or looks or reads or refreshes
        case Role.ADMINISTRATOR:
            return True


def ensure_roles() -> None:
    """Make the four groups where they are missing and give each what it lacks; takes nothing away from a group.

    Run by migrations: one that adds a model or a permission ends with it. By hand it does no harm.
    """
    # The permissions of a migration's own models are made only after it, and the groups want them now.
    for config in apps.get_app_configs():
        create_permissions(config, verbosity=0, using=BUSINESS_CORE)
    with transaction.atomic(using=BUSINESS_CORE):
        for role in Role:
            group, _ = Group.objects.using(BUSINESS_CORE).get_or_create(name=role.value)
            group.permissions.add(*role_permissions(role))
