"""Precedence of sources: which of them owns a target row that several files hold."""

from legacy_import.pipeline.quoting import literal
from legacy_import.sources import SOURCES


def rank_sql(source: str) -> str:
    """Return SQL for the rank of a source's name; the lower one owns a shared row."""
    cases = " ".join(f"WHEN {literal(known.name)} THEN {known.rank}" for known in SOURCES)
    return f"CASE {source} {cases} END"
