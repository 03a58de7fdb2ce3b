"""Source `performance_cross_platform`, cross_platform_performance.db: fills the tables that `performance` fills.

These are content_analysis, content_patterns and performance_predictions. The file validates its rows, as `performance`
does not. The columns are in performance_tables.
"""

from legacy_import.mapping import Source, Table
from legacy_import.sources.analytics.performance_tables import ANALYSIS_COLUMNS, PATTERNS, PREDICTIONS
from synapse.foundation.databases import ANALYTICS

SOURCE = Source(
    name="performance_cross_platform",
    path="cross_platform_performance.db",
    database=ANALYTICS,
    phases=("analytics",),
    rank=3,
    tables=(
        Table(
            name="content_analysis",
            model="analytics.ContentAnalysis",
            key="analysis_id",
            identity=("analysis_id",),
            columns=ANALYSIS_COLUMNS,
            constants={"data_source": "performance_cross_platform"},
        ),
        PATTERNS,
        PREDICTIONS,
    ),
    archived=("performance_metrics_agg",),
)
