"""The 13 files: their source names, their paths below the legacy folder, their schemas, which of them are in WAL mode.

What is in them is in `contents`; `build` writes them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

_SCHEMAS: Final = Path(__file__).parent / "schemas"


@dataclass(frozen=True, slots=True)
class LegacyFile:
    """One SQLite file of the specification."""

    source: str
    path: str
    schema: str
    wal: bool = False

    def read_ddl(self) -> str:
        """Return the SQL script that creates the file's tables and indexes."""
        return (_SCHEMAS / f"{self.schema}.sql").read_text(encoding="utf-8")


FILES: Final = (
    LegacyFile("primary", "linkedin_business_development.db", "linkedin"),
    LegacyFile("duplicate", "business_development/linkedin_business_development.db", "linkedin"),
    LegacyFile("week3", "week3_business_development.db", "week3"),
    LegacyFile("performance", "performance_analytics.db", "performance", wal=True),
    LegacyFile("performance_optimized", "optimized_performance_analytics.db", "performance_strict", wal=True),
    LegacyFile("performance_cross_platform", "cross_platform_performance.db", "performance_strict", wal=True),
    LegacyFile("content", "content_analytics.db", "content"),
    LegacyFile("attribution", "cross_platform_analytics.db", "attribution"),
    LegacyFile("revenue", "revenue_acceleration.db", "revenue"),
    LegacyFile("ab_testing", "ab_testing.db", "ab_testing"),
    LegacyFile("recommendations", "synapse_content_intelligence.db", "recommendations"),
    LegacyFile("content_management", "unified_content_management.db", "content_management"),
    LegacyFile("twitter", "twitter_analytics.db", "twitter"),
)
