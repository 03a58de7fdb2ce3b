"""The admin site: the theme's, with a search of its own that reads little and respects permissions (search.py)."""

import time
from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.sites import UnfoldAdminSite

from synapse.kit.admin.search import find_pages, find_rows

_HITS_PER_PAGE: Final = 100


class SynapseAdminSite(UnfoldAdminSite):  # type: ignore[misc]  # the theme carries no types
    """The site of all admin pages."""

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002
        """Show the pages and, for Ctrl+K (`extended`), the rows that fit `s`.

        The theme's own reads every match, caches it even after a permission is withdrawn, and fails on an invalid
        `page`.
        """
        started = time.monotonic()
        term, extended = request.GET.get("s", "").strip(), "extended" in request.GET
        if not term:
            return HttpResponse()
        apps = self.get_app_list(request)
        hits = find_pages(apps, term)
        if extended:
            hits += find_rows(self, request, apps, term)
        paginator = Paginator(hits, _HITS_PER_PAGE)
        page = paginator.get_page(request.GET.get("page"))
        context = {
            "page_obj": paginator,
            "results": page,
            "page_counter": (page.number - 1) * _HITS_PER_PAGE,
            "execution_time": time.monotonic() - started,
            "command_show_history": False,
        }
        template = f"unfold/helpers/{'command' if extended else 'search'}_results.html"
        return TemplateResponse(request, template, context, headers={"HX-Trigger": "search"})
