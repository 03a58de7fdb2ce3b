"""The admin pages of users and roles, in the theme; synapse.console.people.roles says what a role may do."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from synapse.kit.admin.export_pages import ExportPages
from synapse.kit.admin.prefill import CheckedPrefill

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class ThemedUserAdmin(CheckedPrefill, ExportPages[Any], UserAdmin, ModelAdmin):
    """People, each with the roles they have; what a person may do comes from roles alone."""

    filter_horizontal = ()
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Person", {"fields": ["first_name", "last_name", "email"]}),
        ("What this person may do", {"fields": ["groups", "is_active", "is_staff", "is_superuser"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["username", "usable_password", "password1", "password2"]}),
        ("What this person may do", {"fields": ["groups", "is_staff"]}),
    ]
    list_filter = ["groups", "is_active", "is_superuser"]
    form = UserChangeForm
    # Of the other columns one is the password.
    export_columns = ["username", "first_name", "last_name", "email", "is_active", "is_superuser", "last_login"]
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return what the form of a new person starts from: all who work here enter the admin."""
        return {"is_staff": True, **super().get_changeform_initial_data(request)}

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the field of a person's roles, each a box to tick: there are four."""
        kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget()
        words = {"label": "Roles", "help_text": "What each of them may do stands in docs/roles.md."}
        return super().formfield_for_manytomany(db_field, request, **kwargs, **words)


@admin.register(Group)
class ThemedGroupAdmin(CheckedPrefill, ExportPages[Any], GroupAdmin, ModelAdmin):
    """Roles, each with what it may do."""

    filter_horizontal = ()
    export_columns = ["name"]
