"""A validation as one self-contained page: nothing is fetched, everything is escaped, it prints.

What lives here: preparing what the template shows. What does not: the markup (templates/legacy_import/validation), the
style (static).
"""

from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.template.loader import render_to_string

from legacy_import.cell_words import visible
from legacy_import.validation.check import Check
from legacy_import.validation.differences import ORDER
from legacy_import.validation.report import Report

LISTED: Final = 200
"""So many differences of each kind of a check are listed; the first ones tell how."""

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
    "consultation pipeline": "Every inquiry can be reached, and the sums are equal to the cent once signed changes are "
    "taken back.",
    "current_pipeline_summary": "The view's own definition, beside the same sums made from the files alone.",
    "query performance": "The 95th percentile of repeated runs, after a warm-up, against the specification's targets.",
}


def html_report(report: Report) -> str:
    """Return the page."""
    style = _STYLE.read_text(encoding="utf-8")
    return render_to_string("legacy_import/validation/report.html", {**_context(report), "style": style, "top": 1})


def html_body(report: Report) -> str:
    """Return the page's body alone, for a page that brings its own frame, title and style (STYLE)."""
    return render_to_string("legacy_import/validation/body.html", {**_context(report), "top": 2})


def _context(report: Report) -> dict[str, Any]:
    return {
        "report": report,
        "figures": _figures(report),
        "topics": [
            {
                "title": topic,
                "slug": topic.replace(" ", "-"),
                "about": _ABOUT.get(topic, ""),
                "failed": sum(not check.passed for check in checks),
                "checks": [_check(check) for check in checks],
            }
            for topic, checks in report.topics
        ],
        "zone": settings.LEGACY_TIME_ZONE,
    }


def _figures(report: Report) -> list[tuple[str, str]]:
    return [
        ("rows compared", f"{report.sum_of('rows'):,}"),
        ("cells compared", f"{report.sum_of('cells'):,}"),
        ("inquiries", f"{report.sum_of('inquiries'):,}"),
        ("their value", "unknown" if report.value is None else f"{report.value:,.2f}"),
        ("queries timed", f"{report.sum_of('queries'):,}"),
        ("checks passed", f"{len(report.checks) - len(report.failed)} of {len(report.checks)}"),
    ]


def _check(check: Check) -> dict[str, Any]:
    lines = [line for line in check.lines if not _is_empty(line)]
    return {
        "check": check,
        "detail": visible(check.detail),
        "kinds": [kind for kind in _kinds(check) if kind["differences"]],
        "columns": [name for name in (lines[0] if lines else {}) if name != "plan"],
        "lines": [[_cell(name, value) for name, value in line.items() if name != "plan"] for line in lines],
        "empty": len(check.lines) - len(lines),
        "plans": [(line["query"], line["plan"]) for line in lines if line.get("plan")],
    }


def _is_empty(line: dict[str, Any]) -> bool:
    """Say whether a line tells of nothing: a table without rows, a column without references."""
    numbers = [value for value in line.values() if isinstance(value, int | float)]
    return bool(numbers) and not any(numbers)


def _kinds(check: Check) -> list[dict[str, Any]]:
    kinds = []
    for kind in ORDER:
        of_kind = [difference for difference in check.differences if difference.explanation == kind]
        more = max(0, len(of_kind) - LISTED) + check.left_out.get(kind, 0)
        kinds.append({"kind": kind, "differences": of_kind[:LISTED], "more": more})
    return kinds


def _cell(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"text": "✓ yes" if value else "✗ no", "number": False}
    if isinstance(value, int | float):
        text = f"{value:,.2f}" if name.endswith(" ms") else f"{value:,}"
        return {"text": text, "number": True}
    return {"text": visible(str(value)), "number": False}
