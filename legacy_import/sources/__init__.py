"""The registry of declared sources.

What lives here: the list, and finding a source by name, phase or all. A declaration is data: no functions, no I/O.
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
