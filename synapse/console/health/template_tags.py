"""The template tag that puts the line about stale data (stale_data) on a page, for staff."""

from typing import Any

from django import template
from django.urls import reverse

from synapse.console.health.stale_data import cached_stale_data_sentences

register = template.Library()


@register.inclusion_tag("synapse/console/health/stale_data.html", takes_context=True)
def stale_data(context: template.Context) -> dict[str, Any]:
    """Return the line for staff; its link is for those who may open the page Operations."""
    person = context["request"].user
    if context.get("is_popup") or not person.is_staff:
        return {"sentences": []}
    may_look = person.has_perm("job_base.view_jobrun")
    return {"sentences": cached_stale_data_sentences(), "link": reverse("operations:console") if may_look else ""}
