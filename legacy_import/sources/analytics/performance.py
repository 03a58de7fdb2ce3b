"""Source `performance`, performance_analytics.db: fills content_analysis, content_patterns, performance_predictions.

The columns are in performance_tables. Its rows take precedence over those of its two stricter copies,
performance_optimized and performance_cross_platform.
"""

from legacy_import.mapping import Source, Table
from legacy_import.sources.analytics.performance_tables import ANALYSIS_COLUMNS, PATTERNS, PREDICTIONS
from synapse.foundation.databases import ANALYTICS

SOURCE = Source(
    name="performance",
    path="performance_analytics.db",
    database=ANALYTICS,
    phases=("analytics",),
    rank=1,
    tables=(
        Table(
            name="content_analysis",
            model="analytics.ContentAnalysis",
            key="analysis_id",
            identity=("analysis_id",),
            columns=ANALYSIS_COLUMNS,
            constants={"data_source": "performance"},
        ),
        PATTERNS,
        PREDICTIONS,
    ),
    archived=("performance_metrics_agg",),
)
