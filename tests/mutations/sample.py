"""The seeded sample: as many mutants of each area, drawn at random.

`all_mutants` lists every mutant of an area; `draw` takes the sample that `make mutants` runs.
"""

import ast
import random
from pathlib import Path
from typing import Final

from tests.mutations.mutant import Mutant, read_source
from tests.mutations.python_breaks import python_mutants
from tests.mutations.sql_breaks import sql_mutants

AREAS: Final = (
    "legacy_import/pipeline",
    "legacy_import/undo",
    "legacy_import/rebuild",
    "synapse/kit/change_log",
    "synapse/kit/jobs",
    "revenue/statistics",
)
DEFAULT_SEED: Final = 1
DEFAULT_SIZE: Final = 150


def all_mutants(project: Path, area: str) -> list[Mutant]:
    """Return every mutant of the area's files, less its migrations; area is a folder or a file."""
    found: list[Mutant] = []
    root = project / area
    for path in [root] if root.is_file() else sorted(root.rglob("*.py")):
        if "migrations" in path.parts:
            continue
        file = read_source(project, str(path.relative_to(project)))
        mutants = {(one.start, one.end, one.new): one for one in (*python_mutants(file), *sql_mutants(file))}
        found += [mutants[key] for key in sorted(mutants) if _compiles(mutants[key].apply(file.text))]
    return found


def draw(project: Path, *, seed: int, size: int, only: str = "") -> dict[str, list[Mutant]]:
    """Return for each area its share of the sample, in the order of the text; `only` is one area, folder or file."""
    areas = [only] if only else list(AREAS)
    sample: dict[str, list[Mutant]] = {}
    for position, area in enumerate(areas):
        # The areas before it take their part of what does not divide evenly.
        share = size // len(areas) + (position < size % len(areas))
        mutants = all_mutants(project, area)
        chosen = random.Random(f"{seed} {area}").sample(mutants, min(share, len(mutants)))  # noqa: S311 - no secret
        sample[area] = sorted(chosen)
    return sample


def _compiles(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True
