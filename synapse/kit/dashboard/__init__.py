"""The kit of the dashboards: numbers that link to the rows they come from, figures, charts, ranges of time.

Used by the apps' dashboards and the front page, where the numbers are computed.
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
