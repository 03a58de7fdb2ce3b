import django.contrib.postgres.operations
from django.db import migrations, models

import synapse.foundation.schema


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("analytics", "0001_initial"),
    ]

    operations = [
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="contentanalysis",
            index=synapse.foundation.schema.PostgresIndex(fields=["post_id"], name="idx_content_analysis_post_id"),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="contentanalysis",
            index=synapse.foundation.schema.PostgresIndex(
                fields=["hook_type", "topic_category"], name="idx_content_analysis_hook_topic"
            ),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="contentanalysis",
            index=synapse.foundation.schema.PostgresIndex(
                fields=["technical_depth", "business_focus", "controversy_score"], name="idx_content_analysis_scoring"
            ),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="contentpattern",
            index=synapse.foundation.schema.PostgresIndex(
                fields=["pattern_type", "-confidence_score"], name="idx_patterns_type_confidence"
            ),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="contentpattern",
            index=synapse.foundation.schema.PostgresIndex(
                fields=["-avg_engagement_rate"], name="idx_patterns_engagement_desc"
            ),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="performanceprediction",
            index=synapse.foundation.schema.PostgresIndex(
                models.F("post_id"),
                models.OrderBy(models.F("prediction_accuracy"), descending=True, nulls_last=True),
                name="idx_predictions_post_accuracy",
            ),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="attributiontracking",
            index=synapse.foundation.schema.PostgresIndex(
                fields=["content_id", "platform"], name="idx_attribution_content_platform"
            ),
        ),
    ]
