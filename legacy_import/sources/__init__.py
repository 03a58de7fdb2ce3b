"""The registry of declared sources: which legacy file fills which target tables.

One module per legacy file, whose first line says what it fills (grep -r "fills" legacy_import/sources): data only, no
functions, no I/O. The words they are written in are legacy_import.mapping's; the pipeline makes SQL of them.
"""

from typing import Final

from legacy_import.errors import UnknownSourceError
from legacy_import.mapping import Phase, Source
from legacy_import.sources.analytics import attribution, performance, performance_cross_platform, performance_optimized
from legacy_import.sources.business_core import content, duplicate, primary, twitter, week3
from legacy_import.sources.revenue import ab_testing, content_management, recommendations, revenue

SOURCES: Final[tuple[Source, ...]] = (
    primary.SOURCE,
    duplicate.SOURCE,
    week3.SOURCE,
    performance.SOURCE,
    performance_optimized.SOURCE,
    performance_cross_platform.SOURCE,
    content.SOURCE,
    attribution.SOURCE,
    revenue.SOURCE,
    ab_testing.SOURCE,
    recommendations.SOURCE,
    content_management.SOURCE,
    twitter.SOURCE,
)

_BY_NAME: Final = {source.name: source for source in SOURCES}


def source_named(name: str) -> Source:
    """Return the source of that name; raises UnknownSourceError, which lists the known ones."""
    try:
        return _BY_NAME[name]
    except KeyError:
        raise UnknownSourceError(f"unknown source {name!r}; known are {', '.join(_BY_NAME)}") from None


def sources_of_phase(phase: Phase) -> tuple[Source, ...]:
    """Return the sources of a phase, owners of shared rows first."""
    return tuple(source for source in SOURCES if phase in source.phases)


def sources_of_database(alias: str) -> tuple[Source, ...]:
    """Return the sources that land in the database."""
    return tuple(source for source in SOURCES if source.database == alias)
