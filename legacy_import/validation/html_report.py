"""A validation report as one self-contained HTML page: nothing is fetched, everything is escaped, it prints.

It prepares the template's context; the markup is in templates/legacy_import/validation, the style in static/.
"""

from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.template.loader import render_to_string

from legacy_import.cell_display import visible
from legacy_import.validation.check import Check
from legacy_import.validation.differences import EXPLANATIONS_IN_ORDER
from legacy_import.validation.report import Report

MAX_LISTED_DIFFERENCES: Final = 200
"""Of each kind of a check: the first ones show what is wrong."""

STYLE: Final = "legacy_import/validation.css"
"""The static file with the report's style; it wants the colours --soft, --good, --bad, --shade and --line."""
_STYLE: Final = Path(__file__).parent.parent / "static" / STYLE

_ABOUT: Final = {
    "record counts": "Every row of the file landed in its table, was merged into a better source's row, archived for "
    "want of a table, quarantined with a reason, or deleted here by somebody known.",
    "rows made here": "A row that no import brought, or a change of a cell that no file fills, is signed.",
    "data integrity": "Each row is rebuilt from PostgreSQL and compared with the file's, cell by cell, storage class "
    "included.",
    "clocks": "Each timestamp is read a second time, without the importer's code, and held against the stored instant.",
    "references": "What names a row of another database, where no foreign key can watch, finds it here as in the "
    "files.",
    "consultation pipeline": "Every inquiry of the files can be opened as an inquiry, or a person has settled it; the "
    "sums are equal to the cent once signed changes are taken back.",
    "current_pipeline_summary": "The view's own definition, beside the same sums made from the files alone.",
    "query performance": "The 95th percentile of repeated runs, after a warm-up, against the specification's targets.",
}


def render_html_report(report: Report) -> str:
    """Render the report as a self-contained HTML page."""
    style = _STYLE.read_text(encoding="utf-8")
    return render_to_string(
        "legacy_import/validation/report.html", {**_template_context(report), "style": style, "top": 1}
    )


def render_html_body(report: Report) -> str:
    """Return the page's body alone, for a page that brings its own frame, title and style (STYLE)."""
    return render_to_string("legacy_import/validation/body.html", {**_template_context(report), "top": 2})


def _template_context(report: Report) -> dict[str, Any]:
    return {
        "report": report,
        "figures": [
            ("rows compared", f"{report.sum_figure('rows'):,}"),
            ("cells compared", f"{report.sum_figure('cells'):,}"),
            ("inquiries", f"{report.sum_figure('inquiries'):,}"),
            ("their value", "unknown" if report.value is None else f"{report.value:,.2f}"),
            ("of the files' inquiries opened or settled", report.opened or "unknown"),
            ("queries timed", f"{report.sum_figure('queries'):,}"),
            ("checks passed", f"{len(report.checks) - len(report.failed)} of {len(report.checks)}"),
        ],
        "topics": [
            {
                "title": topic,
                "slug": topic.replace(" ", "-"),
                "about": _ABOUT.get(topic, ""),
                "failed": sum(not check.passed for check in checks),
                "checks": [_check_context(check) for check in checks],
            }
            for topic, checks in report.topics
        ],
        "zone": settings.LEGACY_TIME_ZONE,
    }


def _check_context(check: Check) -> dict[str, Any]:
    lines = [line for line in check.lines if not _is_empty_line(line)]
    kinds = []
    for kind in EXPLANATIONS_IN_ORDER:
        of_kind = [difference for difference in check.differences if difference.explanation == kind]
        # A kept report has left some out already: those count as not listed, too.
        more = max(0, len(of_kind) - MAX_LISTED_DIFFERENCES) + check.left_out.get(kind, 0)
        if of_kind:
            kinds.append({"kind": kind, "differences": of_kind[:MAX_LISTED_DIFFERENCES], "more": more})
    return {
        "check": check,
        "detail": visible(check.detail),
        "kinds": kinds,
        "columns": [name for name in (lines[0] if lines else {}) if name != "plan"],
        "lines": [[_line_cell(name, value) for name, value in line.items() if name != "plan"] for line in lines],
        "empty": len(check.lines) - len(lines),
        "plans": [(line["query"], line["plan"]) for line in lines if line.get("plan")],
    }


def _is_empty_line(line: dict[str, Any]) -> bool:
    """Say whether all figures of a line are zero: a table without rows, a column without references."""
    numbers = [value for value in line.values() if isinstance(value, int | float)]
    return bool(numbers) and not any(numbers)


def _line_cell(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"text": "✓ yes" if value else "✗ no", "number": False}
    if isinstance(value, int | float):
        text = f"{value:,.2f}" if name.endswith(" ms") else f"{value:,}"
        return {"text": text, "number": True}
    return {"text": visible(str(value)), "number": False}
