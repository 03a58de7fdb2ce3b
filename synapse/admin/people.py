"""The pages of users and roles, in the theme.

What lives here: how they look. What does not: what a role may do (synapse.roles).
"""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from synapse.admin_base.export_pages import ExportPages

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class ThemedUserAdmin(ExportPages[Any], UserAdmin, ModelAdmin):
    """People, each with the roles they have."""

    form = UserChangeForm
    # Of the other columns one is the password.
    export_columns = ["username", "first_name", "last_name", "email", "is_active", "is_superuser", "last_login"]
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm


@admin.register(Group)
class ThemedGroupAdmin(ExportPages[Any], GroupAdmin, ModelAdmin):
    """Roles, each with what it may do."""

    export_columns = ["name"]
