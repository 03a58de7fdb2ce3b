"""The glossary's page. Its terms are data, in terms.py."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from revenue.glossary.terms import CHAPTERS, NAMES
from revenue.models import ABTest
from synapse.kit.admin.permissions import may_view


@require_safe
def glossary_page(request: HttpRequest) -> HttpResponse:
    """Explain the words of the A/B pages to who may see tests."""
    if not may_view(request, ABTest):
        raise PermissionDenied
    chapters = [
        (chapter.title, [(term, [(anchor, NAMES[anchor]) for anchor in term.related]) for term in chapter.terms])
        for chapter in CHAPTERS
    ]
    context = {**admin.site.each_context(request), "title": "What the words mean", "chapters": chapters}
    return TemplateResponse(request, "revenue/glossary.html", context)
