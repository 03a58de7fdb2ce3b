"""What the 13 demonstration files hold, a module per subject; `default_contents` puts them together.

The primary's rows in bulk are in `bulk`, hostile cells in `hostile_cells`.
"""

from legacy_import.demo.clock import Clock
from legacy_import.demo.contents.ab_testing import ab_testing_tables
from legacy_import.demo.contents.analytics import attribution_tables, content_tables, performance_tables
from legacy_import.demo.contents.business import duplicate_tables, primary_tables
from legacy_import.demo.contents.revenue import (
    content_management_tables,
    recommendation_tables,
    revenue_tables,
)
from legacy_import.demo.contents.week3 import week3_tables
from legacy_import.demo.rows import TableRows


def default_contents(clock: Clock, *, seed: int) -> dict[str, list[TableRows]]:
    """Return the specification's figures, by source name; a table without an entry stays empty."""
    return {
        "primary": primary_tables(clock, seed=seed),
        "duplicate": duplicate_tables(clock, seed=seed),
        "week3": week3_tables(clock, seed=seed),
        "performance": performance_tables(clock),
        "performance_optimized": [],
        "performance_cross_platform": [],
        "content": content_tables(clock),
        "attribution": attribution_tables(clock, seed=seed),
        "revenue": revenue_tables(clock),
        "ab_testing": ab_testing_tables(clock, seed=seed),
        "recommendations": recommendation_tables(clock),
        "content_management": content_management_tables(clock),
        "twitter": [],
    }
