"""The page of numbers, drawn from sections.

What lives here: measuring bars, and the response. What does not: the numbers (the apps), the words of the page
(templates/synapse/kit/dashboard).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.text import Truncator

from synapse.foundation.text.visible import visible
from synapse.kit.dashboard.numbers import Bar, Chart, ChartKind, Number, Section
from synapse.kit.dashboard.time_range import TimeRange

_WHOLE: Final = 100
_MAX_LABEL_LENGTH: Final = 100


@dataclass(frozen=True, slots=True)
class DrawnBar:
    """A bar and how long it is drawn, in hundredths of the longest, after how much room.

    Its words can't disturb the page.
    """

    bar: Bar
    label: str
    note: str
    length: float
    room: float


@dataclass(frozen=True, slots=True)
class DrawnChart:
    """A chart and its measured bars."""

    chart: Chart
    bars: tuple[DrawnBar, ...]


def dashboard_page(
    request: HttpRequest,
    *,
    title: str,
    sections: Sequence[Section],
    time_range: TimeRange | None = None,
    note: str = "",
) -> TemplateResponse:
    """Return the page; with a time range it stands above the sections, to be chosen. `note` stands below the title."""
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": title,
        "sections": [(section, [measure_chart(chart) for chart in section.charts]) for section in sections],
        "time_range": None if time_range is None else time_range.form_context(),
        "note": note,
    }
    return TemplateResponse(request, "synapse/kit/dashboard/page.html", context)


def measure_chart(chart: Chart) -> DrawnChart:
    """Return the chart with its bars measured against the longest one."""
    values = [_drawable(bar.numbers[0]) for bar in chart.bars]
    longest = max(values, default=Decimal(0)) or Decimal(1)
    lengths = (round(float(value / longest * _WHOLE), 2) for value in values)
    return DrawnChart(chart, tuple(_bar(chart, bar, length) for bar, length in zip(chart.bars, lengths, strict=True)))


def _bar(chart: Chart, bar: Bar, length: float) -> DrawnBar:
    room = round((_WHOLE - length) / 2, 2) if chart.kind is ChartKind.FUNNEL else 0.0
    return DrawnBar(bar, _fit_text(bar.label), _fit_text(bar.note), length, room)


def _fit_text(text: str) -> str:
    return Truncator(visible(text)).chars(_MAX_LABEL_LENGTH)


def _drawable(number: Number) -> Decimal:
    # Less than nothing can't be drawn: such a bar is empty, its value is written all the same.
    return max(Decimal(number.value or 0), Decimal(0))
