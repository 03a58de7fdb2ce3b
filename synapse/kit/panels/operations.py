"""Panels of the operator's page (synapse.console.operations), and the findings that its headline counts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest

from synapse.kit.panels.registry import PanelRegistry


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be: what, what to do, and where; `is_bad` where it can't wait."""

    sentence: str
    fix: str
    link: str = ""
    link_label: str = ""
    is_bad: bool = True


@dataclass(frozen=True, slots=True)
class PanelContent:
    """What a panel has to show now: what its template gets as `panel`, and what the headline has to say of it."""

    panel: Any
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class OperationsPanel:
    """One app's part of the operator's page; `build` returns None for a person who may not see it."""

    name: str
    order: int
    template: str
    build: Callable[[HttpRequest, datetime], PanelContent | None]


OPERATIONS_PANELS: Final = PanelRegistry[OperationsPanel]("operations")
