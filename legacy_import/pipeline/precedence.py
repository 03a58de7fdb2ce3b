"""Precedence of sources (survivorship): the rank by which classify decides whose values a shared target row has.

The decision itself is in pipeline/classify.py; a source declares its rank in legacy_import/sources. Higher precedence
is a lower rank: 1 goes before 2.
"""

from legacy_import.pipeline.quoting import literal
from legacy_import.sources import SOURCES


def rank_sql(source: str) -> str:
    """Return SQL for the rank of a source's name; the lower one owns a shared row."""
    cases = " ".join(f"WHEN {literal(known.name)} THEN {known.rank}" for known in SOURCES)
    return f"CASE {source} {cases} END"
