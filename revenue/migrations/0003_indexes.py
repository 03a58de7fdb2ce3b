import django.contrib.postgres.operations
from django.db import migrations

import synapse.foundation.schema


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("revenue", "0002_foreign_keys"),
    ]

    operations = [
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="revenueopportunity",
            index=synapse.foundation.schema.PostgresIndex(
                fields=["customer_segment", "-revenue_potential"], name="idx_opportunities_segment_revenue"
            ),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="revenueopportunity",
            index=synapse.foundation.schema.PostgresIndex(
                fields=["status", "-created_at"], name="idx_opportunities_status_created"
            ),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="abtest",
            index=synapse.foundation.schema.PostgresIndex(
                fields=["status", "-start_date"], name="idx_tests_status_dates"
            ),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="abtestvariant",
            index=synapse.foundation.schema.PostgresIndex(
                fields=["test", "-consultation_conversion"], name="idx_variants_test_performance"
            ),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="contentrecommendation",
            index=synapse.foundation.schema.PostgresIndex(
                fields=["-priority_score"], name="idx_recommendations_priority"
            ),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="platformadaptation",
            index=synapse.foundation.schema.PostgresIndex(
                fields=["content", "platform"], name="idx_adaptations_content_platform"
            ),
        ),
    ]
