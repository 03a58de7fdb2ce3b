"""What every page of numbers is made of: numbers that open into their rows, figures, charts, ranges of time.

What lives here: the kit. What does not: any number; those are in the apps' dashboards and the front page.
"""

from synapse.kit.dashboard.links import list_link
from synapse.kit.dashboard.numbers import Bar, Chart, ChartKind, Figure, Number, Section, Unit
from synapse.kit.dashboard.page import dashboard_page
from synapse.kit.dashboard.time_range import TimeRange

__all__ = [
    "Bar",
    "Chart",
    "ChartKind",
    "Figure",
    "Number",
    "Section",
    "TimeRange",
    "Unit",
    "dashboard_page",
    "list_link",
]
