"""Source `performance_optimized`, optimized_performance_analytics.db: fills the tables that `performance` fills.

These are content_analysis, content_patterns and performance_predictions. The file's own constraints are stricter than
those of `performance`. The columns are in performance_tables.
"""

from legacy_import.mapping import Source, Table
from legacy_import.sources.analytics.performance_tables import ANALYSIS_COLUMNS, PATTERNS, PREDICTIONS
from synapse.foundation.databases import ANALYTICS

SOURCE = Source(
    name="performance_optimized",
    path="optimized_performance_analytics.db",
    database=ANALYTICS,
    phases=("analytics",),
    rank=2,
    tables=(
        Table(
            name="content_analysis",
            model="analytics.ContentAnalysis",
            key="analysis_id",
            identity=("analysis_id",),
            columns=ANALYSIS_COLUMNS,
            constants={"data_source": "performance_optimized"},
        ),
        PATTERNS,
        PREDICTIONS,
    ),
    archived=("performance_metrics_agg",),
)
