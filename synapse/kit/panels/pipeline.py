"""Panels above the figures of the pipeline's dashboard: what the figures do not hold, told by the app that knows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest

from synapse.kit.panels.registry import PanelRegistry


@dataclass(frozen=True, slots=True)
class PipelinePanel:
    """One app's remark; `build` returns what the template gets as `panel`, None where there is nothing to say."""

    name: str
    order: int
    template: str
    build: Callable[[HttpRequest, datetime], Any | None]


PIPELINE_PANELS: Final = PanelRegistry[PipelinePanel]("pipeline")


def fill_pipeline_panels(request: HttpRequest, now: datetime) -> list[tuple[str, Any]]:
    """Return the template and the content of each panel that has something to say to this person."""
    built = ((panel.template, panel.build(request, now)) for panel in PIPELINE_PANELS.in_order())
    return [(template, content) for template, content in built if content is not None]
