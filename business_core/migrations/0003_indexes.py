import django.contrib.postgres.operations
from django.db import migrations, models

import synapse.foundation.schema


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("business_core", "0002_foreign_keys"),
    ]

    operations = [
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="post",
            index=synapse.foundation.schema.PostgresIndex(fields=["-posted_at"], name="idx_posts_posted_at_desc"),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="post",
            index=synapse.foundation.schema.PostgresIndex(
                fields=["platform", "-posted_at"], name="idx_posts_platform_posted_at"
            ),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="post",
            index=synapse.foundation.schema.PostgresIndex(
                fields=["business_objective"], name="idx_posts_business_objective"
            ),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="consultationinquiry",
            index=synapse.foundation.schema.PostgresIndex(
                fields=["status", "-created_at"], name="idx_inquiries_status_created"
            ),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="consultationinquiry",
            index=synapse.foundation.schema.PostgresIndex(fields=["source_post"], name="idx_inquiries_source_post"),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="consultationinquiry",
            index=synapse.foundation.schema.PostgresIndex(
                models.OrderBy(models.F("estimated_value"), descending=True, nulls_last=True),
                name="idx_inquiries_estimated_value_desc",
            ),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="businesspipeline",
            index=synapse.foundation.schema.PostgresIndex(fields=["month"], name="idx_pipeline_month"),
        ),
    ]
