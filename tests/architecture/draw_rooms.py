"""Draws docs/images/rooms.svg: the layers of the import contracts as rows, packages as boxes, imports as lines.

Rows and boxes are read from pyproject.toml, lines from the imports in the code. A line that follows from others is left
out (A imports B, B imports C: A to C adds nothing), and so are lines to the foundation, which every room may import.
Run by `make drawing`.
"""

import sys
import tomllib
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

import grimp

from tests.architecture.code_figures import PACKAGES
from tests.architecture.project_files import PROJECT

PICTURE: Final = PROJECT / "docs" / "images" / "rooms.svg"
FOUNDATION: Final = "synapse.foundation."

_WIDTH: Final = 1160
_ROW_HEIGHT: Final = 66
_BOX_HEIGHT: Final = 30
_LETTER: Final = 7.3
_TITLE_HEIGHT: Final = 52
_COLOURS: Final = ("#e0e7ff", "#ffffff")

Rows = list[list[str]]


@dataclass(frozen=True, slots=True)
class Box:
    """A room at its place: the middle of its upper edge, and its width."""

    room: str
    x: float
    y: float
    width: float


def contract_layers(container: str) -> Rows:
    """Return the layers of an exhaustive contract, topmost first, as full names of rooms."""
    tool = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]
    contract = next(one for one in tool["contracts"] if one.get("containers") == [container])
    return [[f"{container}.{name.strip()}" for name in row.split("|")] for row in contract["layers"]]


def floors() -> Rows:
    """Return the rows of the whole: the composition root, console, legacy_import, the apps, kit, foundation."""
    rows = {row[0].split(".")[1]: row for row in contract_layers("synapse")}
    below = [_rooms_below("synapse.console"), ["legacy_import"], ["business_core", "analytics", "revenue"]]
    root = next(iter(rows.values()))
    return [root, *below, *contract_layers("synapse.kit"), *contract_layers("synapse.foundation")]


def _rooms_below(package: str) -> list[str]:
    folder = PROJECT / package.replace(".", "/")
    names = {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    return [f"{package}.{name}" for name in sorted(names - {"__init__", "apps"})]


def lines_between(rooms: list[str], graph: grimp.ImportGraph) -> set[tuple[str, str]]:
    """Return the pairs (importing room, imported room), those that follow from others left out."""
    direct = {
        (importer, imported)
        for importer in rooms
        for imported in rooms
        if importer != imported
        and _may_be_drawn(importer, imported)
        and graph.direct_import_exists(importer=importer, imported=imported, as_packages=True)
    }
    return {(a, c) for a, c in direct if not any((a, b) in direct and (b, c) in direct for b in rooms)}


def _may_be_drawn(importer: str, imported: str) -> bool:
    return not imported.startswith(FOUNDATION) or importer.startswith(FOUNDATION)


def draw_panel(title: str, rows: Rows, graph: grimp.ImportGraph, *, top: float) -> tuple[list[str], float]:
    """Return the panel's SVG elements, and the height it takes."""
    boxes = [box for number, row in enumerate(rows) for box in _boxes(row, top + _TITLE_HEIGHT + number * _ROW_HEIGHT)]
    places = {box.room: box for box in boxes}
    parts = [f'<text x="16" y="{top + 22:.0f}" font-size="17" font-weight="600">{escape(title)}</text>']
    parts += _bands(rows, top + _TITLE_HEIGHT)
    for importer, imported in sorted(lines_between(list(places), graph)):
        parts.append(_line(places[importer], places[imported]))
    for number, row in enumerate(rows):
        parts += [_rectangle(places[room], _COLOURS[number % len(_COLOURS)]) for room in row]
    return parts, _TITLE_HEIGHT + len(rows) * _ROW_HEIGHT


def _bands(rows: Rows, top: float) -> list[str]:
    """Return a band with its name behind the rows that one package holds, where a panel shows several packages."""
    packages = [row[0].rpartition(".")[0] or ("the apps" if len(row) > 1 else row[0]) for row in rows]
    if len(set(packages)) == 1:
        return []
    parts = []
    for package in dict.fromkeys(packages):
        first, count = packages.index(package), packages.count(package)
        y, height = top + first * _ROW_HEIGHT - 16, count * _ROW_HEIGHT - 4
        parts.append(f'<rect x="8" y="{y:.0f}" width="{_WIDTH - 16}" height="{height:.0f}" rx="8" fill="#f1f5f9"/>')
        parts.append(f'<text x="18" y="{y + 17:.0f}" fill="#475569" font-style="italic">{escape(package)}</text>')
    return parts


def _boxes(row: list[str], y: float) -> list[Box]:
    widths = [len(room.rpartition(".")[2]) * _LETTER + 20 for room in row]
    gap = min(26.0, (_WIDTH - 32 - sum(widths)) / max(len(row) - 1, 1))
    x = (_WIDTH - sum(widths) - gap * (len(row) - 1)) / 2
    boxes = []
    for room, width in zip(row, widths, strict=True):
        boxes.append(Box(room, x + width / 2, y, width))
        x += width + gap
    return boxes


def _line(start: Box, end: Box) -> str:
    y1, y2 = start.y + _BOX_HEIGHT, end.y
    if y2 <= y1:  # within a row
        return (
            f'<path d="M{start.x:.0f} {start.y:.0f} C{start.x:.0f} {start.y - 24:.0f} {end.x:.0f} {end.y - 24:.0f}'
            f' {end.x:.0f} {end.y:.0f}" fill="none" stroke="#94a3b8" marker-end="url(#tip)"/>'
        )
    bend = (y2 - y1) / 2
    return (
        f'<path d="M{start.x:.0f} {y1:.0f} C{start.x:.0f} {y1 + bend:.0f} {end.x:.0f} {y2 - bend:.0f}'
        f' {end.x:.0f} {y2:.0f}" fill="none" stroke="#94a3b8" marker-end="url(#tip)"/>'
    )


def _rectangle(box: Box, colour: str) -> str:
    left, name = box.x - box.width / 2, box.room.rpartition(".")[2]
    return (
        f'<rect x="{left:.0f}" y="{box.y:.0f}" width="{box.width:.0f}" height="{_BOX_HEIGHT}" rx="6" fill="{colour}"'
        f' stroke="#475569"/><text x="{box.x:.0f}" y="{box.y + 20:.0f}" text-anchor="middle">{escape(name)}</text>'
    )


def draw_rooms() -> str:
    """Return the drawing as SVG: all packages, then the inside of legacy_import, then that of its pipeline."""
    graph = grimp.build_graph(*PACKAGES)
    panels = (
        ("Synapse: who imports whom (above imports below)", floors()),
        ("legacy_import", contract_layers("legacy_import")),
        ("legacy_import/pipeline: later stages import earlier ones", contract_layers("legacy_import.pipeline")),
    )
    parts: list[str] = []
    top = 8.0
    for title, rows in panels:
        drawn, height = draw_panel(title, [_existing(row) for row in rows], graph, top=top)
        parts += drawn
        top += height + 24
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top:.0f}" width="{_WIDTH}" height="{top:.0f}"'
        ' font-family="ui-monospace, monospace" font-size="12">'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 L8 4 L0 8 z" fill="#94a3b8"/></marker></defs>'
        f'<rect width="{_WIDTH}" height="{top:.0f}" fill="#ffffff"/>'
    )
    return "\n".join([head, *parts, "</svg>"]) + "\n"


def _existing(row: list[str]) -> list[str]:
    return [room for room in row if _is_module(PROJECT / room.replace(".", "/"))]


def _is_module(path: Path) -> bool:
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def main() -> None:
    """Write the drawing."""
    PICTURE.write_text(draw_rooms())
    sys.stdout.write(f"{PICTURE.relative_to(PROJECT)} is drawn.\n")


if __name__ == "__main__":
    main()
