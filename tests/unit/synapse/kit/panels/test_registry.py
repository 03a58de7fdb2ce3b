"""Panels of one page: their order, and that none is registered twice."""

from dataclasses import dataclass

import pytest

from synapse.kit.panels.front_page import FRONT_PAGE_PANELS, IMPORT_PAGES
from synapse.kit.panels.health import HEALTH_PROBES
from synapse.kit.panels.operations import OPERATIONS_PANELS
from synapse.kit.panels.pipeline import PIPELINE_PANELS
from synapse.kit.panels.pruning import PRUNE_STEPS
from synapse.kit.panels.registry import PanelRegisteredTwiceError, PanelRegistry


@dataclass(frozen=True)
class Named:
    name: str
    order: int


@pytest.fixture
def registry() -> PanelRegistry[Named]:
    found = PanelRegistry[Named]("a page")
    found.register(Named("second", 20))
    found.register(Named("first", 10))
    return found


def test_panels_come_in_their_order_whichever_registered_first(registry: PanelRegistry[Named]) -> None:
    assert [panel.name for panel in registry.in_order()] == ["first", "second"]


def test_name_that_is_taken_is_refused(registry: PanelRegistry[Named]) -> None:
    with pytest.raises(PanelRegisteredTwiceError, match="a page: the panel first is registered already"):
        registry.register(Named("first", 30))


def test_order_that_is_taken_is_refused(registry: PanelRegistry[Named]) -> None:
    with pytest.raises(PanelRegisteredTwiceError, match="a page: the panels first and third have the same order, 10"):
        registry.register(Named("third", 10))


def test_every_app_registers_when_the_program_starts() -> None:
    registries = (FRONT_PAGE_PANELS, PIPELINE_PANELS, IMPORT_PAGES, OPERATIONS_PANELS, HEALTH_PROBES, PRUNE_STEPS)
    assert [[panel.name for panel in registry.in_order()] for registry in registries] == [
        ["load under way", "unread inquiries", "inquiries", "running A/B tests", "what waits"],
        ["unread inquiries"],
        ["import sources"],
        ["consolidation"],
        ["legacy import"],
        ["backups and before-images", "rows of jobs and notices", "validations", "uploads"],
    ]
