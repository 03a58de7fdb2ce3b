"""Words of the statistics as links into the glossary.

What lives here: the tag. What does not: the glossary and its terms (revenue.glossary).
"""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def term(anchor: str, text: str) -> SafeString:
    """Return the text as a link to its entry in the glossary."""
    return format_html('<a class="ab-term" href="{}#{}">{}</a>', reverse("ab-glossary"), anchor, text)
