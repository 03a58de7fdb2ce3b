"""The glossary's terms and their anchors."""

import re
from pathlib import Path

from revenue.glossary.terms import CHAPTERS, NAMES

_TEMPLATES = Path(__file__).parents[4] / "templates"


def test_anchors_are_unique_and_related_ones_exist() -> None:
    terms = [term for chapter in CHAPTERS for term in chapter.terms]

    assert len(NAMES) == len(terms)
    assert {anchor for term in terms for anchor in term.related} <= set(NAMES)


def test_every_term_a_page_links_to_is_in_the_glossary() -> None:
    pages = [path.read_text() for path in _TEMPLATES.rglob("*.html")]
    named = {anchor for page in pages for anchor in re.findall(r'{% term "([^"]+)"', page)}
    linked = {anchor for page in pages for anchor in re.findall(r'{% url "ab-glossary" %}#([a-z0-9-]+)', page)}

    assert named
    assert linked
    assert named | linked <= set(NAMES)
