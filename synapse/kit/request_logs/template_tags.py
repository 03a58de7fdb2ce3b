"""The template tag of pages that show the id under which the log has their request."""

from django import template

from synapse.foundation.logs.context import current_log_fields

register = template.Library()


@register.simple_tag
def log_id() -> str:
    """Return the request's id, "" outside of a request; asks neither the databases nor the template's context."""
    return str(current_log_fields().get("request_id", ""))
