"""A registry of panels: apps register, one page reads, and neither imports the other.

Each page has one registry of its own (front_page, operations, health, pruning). An app registers in its module
`panels`, which is imported when the program starts (synapse.kit.admin.apps).
"""

from typing import Generic, Protocol, TypeVar


class Panel(Protocol):
    """What a registry needs to know of a panel; names and orders are unique within one registry."""

    @property
    def name(self) -> str:
        """The panel's name, told in errors."""

    @property
    def order(self) -> int:
        """The panel's place: lower ones come first. Orders are spaced by tens, so that another app fits between."""


PanelT = TypeVar("PanelT", bound=Panel)


class PanelRegisteredTwiceError(ValueError):
    """Two panels of one page have the same name or the same order."""


class PanelRegistry(Generic[PanelT]):
    """The panels of one page, in their order."""

    def __init__(self, page: str) -> None:
        self._page = page
        self._panels: list[PanelT] = []

    def register(self, panel: PanelT) -> PanelT:
        """Add the panel and return it.

        Raises PanelRegisteredTwiceError where its name or its order is taken: of two panels with one order, the order
        of imports would decide which comes first.
        """
        for known in self._panels:
            if known.name == panel.name:
                raise PanelRegisteredTwiceError(f"{self._page}: the panel {panel.name} is registered already.")
            if known.order == panel.order:
                raise PanelRegisteredTwiceError(
                    f"{self._page}: the panels {known.name} and {panel.name} have the same order, {panel.order}."
                )
        # Sorted here and not when read: pages read at every request, apps register once.
        self._panels.append(panel)
        self._panels.sort(key=lambda one: one.order)
        return panel

    def in_order(self) -> tuple[PanelT, ...]:
        """Return the panels, lowest order first."""
        return tuple(self._panels)
