"""The template tag that shows a panel on a page (settings.TEMPLATES names this library `panels`)."""

from typing import Any

from django import template
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from synapse.foundation.containment import contain_errors
from synapse.kit.panels.contained_panels import FAILED_TEMPLATE, PASSING_ERRORS

register = template.Library()


@register.simple_tag(takes_context=True)
def contained_panel(context: template.Context, template_name: str, content: Any) -> SafeString:
    """Include the panel's template with its content as `panel`; where that fails, the line that says so."""
    with contain_errors(f"panel {template_name}", passing=PASSING_ERRORS) as trouble:
        return _render_panel(context, template_name, content)
    return _render_panel(context, FAILED_TEMPLATE, trouble.error_id)


def _render_panel(context: template.Context, template_name: str, content: Any) -> SafeString:
    engine_template: template.base.Template = get_template(template_name).template  # type: ignore[attr-defined]
    with context.push(panel=content):
        return mark_safe(engine_template.render(context))  # noqa: S308  # the template has escaped it
