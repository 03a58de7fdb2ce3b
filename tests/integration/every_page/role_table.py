"""The table of docs/roles.md: who may open and who may send which page, from the URL configuration and the roles.

What lives here: drawing it; `make roles` writes it. What does not: the rules (expectations.py), and proving that the
pages keep to them (test_roles.py).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import django
from django.apps import apps

DOCUMENT: Final = Path(__file__).resolve().parents[3] / "docs" / "roles.md"
_BEGIN: Final = "<!-- table: written by make roles -->\n"


def drawn() -> str:
    """Return the table in Markdown, one line an address."""
    from synapse.console.people.roles import Role  # noqa: PLC0415  # once Django knows its apps

    names = [role.value for role in Role]
    head = f"| page | {' | '.join(names)} |\n| --- |{' --- |' * len(names)}\n"
    return head + "".join(f"| `{path}` | {' | '.join(cells)} |\n" for path, cells in _lines())


def with_table(document: str) -> str:
    """Return the document with the table as it is now."""
    return document.partition(_BEGIN)[0] + _BEGIN + drawn()


def _lines() -> Iterator[tuple[str, list[str]]]:
    from synapse.console.people.roles import Role, is_granted  # noqa: PLC0415
    from tests.every_page.addresses import every_address  # noqa: PLC0415
    from tests.integration.every_page.expectations import rule_of  # noqa: PLC0415

    held = {
        role: frozenset(
            f"{app}.{codename}" for app, model, codename in _permissions() if is_granted(role, app, model, codename)
        )
        for role in Role
    }
    for address in every_address():
        rule = rule_of(address)
        if rule is None or not address.name:
            continue
        verbs = (("open", rule.get), ("send", rule.post))
        cells = [
            " ".join(word for word, need in verbs if need is not None and need.is_met(held[role], is_staff=True)) or "—"
            for role in Role
        ]
        yield address.pattern.replace("|", "\\|"), cells


def _permissions() -> Iterator[tuple[str, str, str]]:
    """Return app, model and codename of every permission Django makes."""
    for model in apps.get_models():
        meta = model._meta
        codenames = [f"{verb}_{meta.model_name}" for verb in meta.default_permissions]
        codenames += [codename for codename, _ in meta.permissions]
        yield from ((meta.app_label, str(meta.model_name), codename) for codename in codenames)


if __name__ == "__main__":
    django.setup()
    DOCUMENT.write_text(with_table(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
