"""Source `ab_testing`, ab_testing.db: fills ab_tests and test_variants; test_assignments is archived.

Tests are dated by the local clock, not in UTC.
"""

from legacy_import.codecs import BOOLEAN, INTEGER, KEY, LOCAL_TIMESTAMP, RATIO, TEXT, UTC_TIMESTAMP, decimal_codec
from legacy_import.mapping import Column, Reference, Source, Table
from synapse.foundation.databases import REVENUE

SOURCE = Source(
    name="ab_testing",
    path="ab_testing.db",
    database=REVENUE,
    phases=("revenue",),
    rank=2,
    tables=(
        Table(
            name="ab_tests",
            model="revenue.ABTest",
            key="test_id",
            identity=("test_id",),
            columns=(
                Column("test_id", "", KEY),
                Column("test_name", "test_name", TEXT),
                Column("hypothesis", "hypothesis", TEXT),
                Column("element_type", "element_type", TEXT),
                Column("start_date", "start_date", LOCAL_TIMESTAMP),
                Column("end_date", "end_date", LOCAL_TIMESTAMP),
                Column("status", "status", TEXT),
                Column("traffic_split", "traffic_split", decimal_codec(3, 2)),
                Column("minimum_sample_size", "minimum_sample_size", INTEGER),
                Column("confidence_threshold", "confidence_threshold", decimal_codec(3, 2)),
                Column("winning_variant", "winning_variant", TEXT),
                Column("improvement_rate", "improvement_rate", RATIO),
                Column("statistical_significance", "statistical_significance", RATIO),
                Column("created_at", "created_at", UTC_TIMESTAMP),
            ),
        ),
        Table(
            name="test_variants",
            model="revenue.ABTestVariant",
            key="variant_id",
            identity=("test_id", "variant_name"),
            columns=(
                Column("variant_id", "", KEY),
                Column("test_id", "test_id", TEXT, reference=Reference("ab_tests")),
                Column("variant_name", "variant_name", TEXT),
                Column("element_type", "element_type", TEXT),
                Column("content", "content", TEXT),
                Column("expected_metric", "expected_metric", TEXT),
                Column("impressions", "impressions", INTEGER),
                Column("engagement_actions", "engagement_actions", INTEGER),
                Column("consultation_requests", "consultation_requests", INTEGER),
                Column("engagement_rate", "engagement_rate", RATIO),
                Column("consultation_conversion", "consultation_conversion", RATIO),
                Column("sample_size", "sample_size", INTEGER),
                Column("confidence_level", "confidence_level", RATIO),
                Column("is_winner", "is_winner", BOOLEAN),
                Column("created_at", "created_at", UTC_TIMESTAMP),
            ),
        ),
    ),
    archived=("test_assignments",),
)
