"""Pages of materialized views: the view's age above its rows, and a button that refreshes it.

Also `view_age_for_page`, the age as any page shows it (dashboards). The views themselves and the functions that refresh
them are synapse.foundation.materialized_views' and the apps' sql/ folders'.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Final, TypeVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import router
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timesince import timesince

from synapse.foundation.materialized_views import ViewAge, refresh_views, view_age
from synapse.kit.admin.read_only import ViewAdmin

_M = TypeVar("_M", bound=Model)

AGE_STYLE: Final = "synapse/kit/admin/view_age.css"
NEXT: Final = "next"
"""Names the page, in the form, that the refresh goes back to."""


@dataclass(frozen=True, slots=True)
class ShownAge:
    """A view's age as a page shows it; `refresh_page` is empty where the person may not refresh it."""

    name: str
    age: ViewAge
    refresh_page: str
    back_to: str

    @property
    def last_refresh_sentence(self) -> str:
        """A sentence that says when the view was last refreshed."""
        refreshed_at = self.age.refreshed_at
        if refreshed_at is None:
            return "Never refreshed, as far as is known."
        clock = f"{timezone.localtime(refreshed_at):%Y-%m-%d %H:%M}"
        return f"Last refreshed on {clock}, {timesince(refreshed_at)} ago."

    @property
    def freshness_sentence(self) -> str:
        """A sentence that says whether the view is up to date with its table."""
        if self.age.is_behind:
            return "Out of date: its table has changed since."
        return "Up to date: a refresh would change nothing."


def view_age_for_page(request: HttpRequest, model: type[Model]) -> ShownAge:
    """Return how old the model's materialized view is, for a page of this person's; see `view_age` for its cost."""
    meta = model._meta
    page = reverse(f"admin:{meta.app_label}_{meta.model_name}_refresh")
    return ShownAge(
        name=str(meta.verbose_name_plural),
        age=view_age(meta.db_table, alias=router.db_for_read(model)),
        refresh_page=page if may_refresh(request, model) else "",
        back_to=request.get_full_path(),
    )


def may_refresh(request: HttpRequest, model: type[Model]) -> bool:
    """Say whether the person may refresh the model's materialized view."""
    return request.user.has_perm(f"{model._meta.app_label}.refresh_{model._meta.model_name}")


class RefreshableViewAdmin(ViewAdmin[_M]):
    """A page of a materialized view: its age above its rows, with a button for who may refresh it."""

    list_before_template = "synapse/kit/admin/view_age.html"

    class Media:
        css: ClassVar = {"all": [AGE_STYLE]}

    def get_urls(self) -> list[URLPattern]:
        """Return the page's addresses, the one that refreshes before those that take any key."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_refresh"
        return [path("refresh/", self.admin_site.admin_view(self.refresh_view), name=name), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list below the view's age."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {"view_age": view_age_for_page(request, self.model), **(extra_context or {})}
        page: HttpResponse = super().changelist_view(request, context)
        return page

    def refresh_view(self, request: HttpRequest) -> HttpResponse:
        """Refresh the view, and go back to the page that asked for it."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not may_refresh(request, self.model):
            raise PermissionDenied
        rows = self.get_queryset(request)
        before = rows.count()
        was_behind = view_age(self.opts.db_table, alias=rows.db).is_behind
        refresh_views(alias=rows.db)
        name = str(self.opts.verbose_name_plural)
        what = f"{before:,} → {rows.count():,} rows" if was_behind else "nothing had changed"
        messages.success(request, f"Refreshed {name}: {what}.")
        wanted = request.POST.get(NEXT, "")
        # Only to a page of this site: the address comes from the form (open redirect).
        is_ours = url_has_allowed_host_and_scheme(
            wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )
        own_list = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return redirect(wanted if is_ours else own_list)
