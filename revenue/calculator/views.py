"""The sample size calculator's page: reads the question from the address and hands the answer to the template."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from revenue.calculator.form import form_from_query
from revenue.calculator.phrases import (
    describe_alpha_correction,
    describe_given_size,
    describe_needed_size,
    format_rule_of_sixteen,
    table_lines,
)
from revenue.calculator.picture import draw_power_curve
from revenue.calculator.plan import compute_sample_size_plan
from revenue.models import ABTest
from synapse.kit.admin.permissions import may_view


@require_safe
def calculator_page(request: HttpRequest) -> HttpResponse:
    """Answer how large a test must be, or what a size can find, to who may see tests."""
    if not may_view(request, ABTest):
        raise PermissionDenied
    form = form_from_query(request.GET)
    context = {**admin.site.each_context(request), "title": "Sample size and power", "form": form}
    if form.is_valid():
        answer = compute_sample_size_plan(form.to_question())
        context |= {
            "answer": answer,
            "answer_words": describe_needed_size(answer),
            "given_words": describe_given_size(answer),
            "rule_words": format_rule_of_sixteen(answer),
            "alpha_words": describe_alpha_correction(answer),
            "lines": table_lines(answer),
            "picture": draw_power_curve(answer),
        }
    return TemplateResponse(request, "revenue/calculator.html", context)
