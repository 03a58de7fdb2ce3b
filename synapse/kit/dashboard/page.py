"""The dashboard page: sections with their bars measured, as a response. Its templates are in synapse/kit/dashboard."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.text import Truncator

from synapse.foundation.text.visible import visible
from synapse.kit.dashboard.numbers import Bar, Chart, ChartKind, Section
from synapse.kit.dashboard.time_range import TimeRange

_WHOLE: Final = 100
_MAX_LABEL_LENGTH: Final = 100


@dataclass(frozen=True, slots=True)
class DrawnBar:
    """A bar with its `length` in percent of the longest, after `room` percent of empty space (a funnel's).

    Its texts are cut and made visible, so that they can't disturb the page.
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


def dashboard_page(  # noqa: PLR0913  # a page is what it shows
    request: HttpRequest,
    *,
    title: str,
    sections: Sequence[Section],
    time_range: TimeRange | None = None,
    note: str = "",
    panels: Sequence[tuple[str, Any]] = (),
) -> TemplateResponse:
    """Return the page; a time range is shown above the sections, to be chosen, and `note` below the title.

    `panels` are templates with what they get as `panel`, shown above all figures.
    """
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": title,
        "sections": [(section, [measure_chart(chart) for chart in section.charts]) for section in sections],
        "time_range": None if time_range is None else time_range.form_context(),
        "note": note,
        "panels": panels,
    }
    return TemplateResponse(request, "synapse/kit/dashboard/page.html", context)


def measure_chart(chart: Chart) -> DrawnChart:
    """Return the chart with its bars measured against the longest one."""
    # A negative value can't be drawn: its bar is empty, and the value is written all the same.
    values = [max(Decimal(bar.numbers[0].value or 0), Decimal(0)) for bar in chart.bars]
    longest = max(values, default=Decimal(0)) or Decimal(1)
    lengths = (round(float(value / longest * _WHOLE), 2) for value in values)
    is_funnel = chart.kind is ChartKind.FUNNEL
    return DrawnChart(
        chart,
        tuple(
            DrawnBar(
                bar,
                label=_shorten_label(bar.label),
                note=_shorten_label(bar.note),
                length=length,
                room=round((_WHOLE - length) / 2, 2) if is_funnel else 0.0,
            )
            for bar, length in zip(chart.bars, lengths, strict=True)
        ),
    )


def _shorten_label(text: str) -> str:
    return Truncator(visible(text)).chars(_MAX_LABEL_LENGTH)
