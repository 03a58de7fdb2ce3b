import uuid
from decimal import Decimal

import django.contrib.postgres.functions
import django.db.models.deletion
from django.db import migrations, models

import synapse.foundation.schema


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="RevenueOpportunity",
            fields=[
                (
                    "opportunity_id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("lead_source", models.TextField()),
                ("customer_segment", models.TextField()),
                ("revenue_potential", models.DecimalField(decimal_places=2, max_digits=10)),
                ("confidence_score", models.DecimalField(decimal_places=4, max_digits=5)),
                ("qualification_score", models.IntegerField()),
                ("engagement_history", models.JSONField(blank=True, null=True)),
                ("recommended_offering", models.TextField(blank=True, null=True)),
                ("next_action", models.TextField(blank=True, null=True)),
                ("status", models.TextField(blank=True, db_default="active", null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True, db_default=synapse.foundation.schema.CurrentTimestamp(), null=True
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        blank=True, db_default=synapse.foundation.schema.CurrentTimestamp(), null=True
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "revenue opportunities",
                "db_table": "revenue_opportunities",
            },
        ),
        migrations.CreateModel(
            name="ABTest",
            fields=[
                (
                    "test_id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("test_name", models.TextField()),
                ("hypothesis", models.TextField()),
                ("element_type", models.TextField()),
                ("start_date", models.DateTimeField()),
                ("end_date", models.DateTimeField(blank=True, null=True)),
                ("status", models.TextField(blank=True, db_default="active", null=True)),
                (
                    "traffic_split",
                    models.DecimalField(
                        blank=True, db_default=Decimal("0.5"), decimal_places=2, max_digits=3, null=True
                    ),
                ),
                ("minimum_sample_size", models.IntegerField(blank=True, db_default=100, null=True)),
                (
                    "confidence_threshold",
                    models.DecimalField(
                        blank=True, db_default=Decimal("0.95"), decimal_places=2, max_digits=3, null=True
                    ),
                ),
                ("winning_variant", models.TextField(blank=True, null=True)),
                (
                    "improvement_rate",
                    models.DecimalField(
                        blank=True, db_default=Decimal("0.0"), decimal_places=4, max_digits=5, null=True
                    ),
                ),
                (
                    "statistical_significance",
                    models.DecimalField(
                        blank=True, db_default=Decimal("0.0"), decimal_places=4, max_digits=5, null=True
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True, db_default=synapse.foundation.schema.CurrentTimestamp(), null=True
                    ),
                ),
            ],
            options={
                "verbose_name": "A/B test",
                "db_table": "ab_tests",
            },
        ),
        migrations.CreateModel(
            name="ABTestVariant",
            fields=[
                (
                    "variant_id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "test",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="variants",
                        to="revenue.abtest",
                    ),
                ),
                ("variant_name", models.TextField()),
                ("element_type", models.TextField()),
                ("content", models.TextField()),
                ("expected_metric", models.TextField()),
                ("impressions", models.IntegerField(blank=True, db_default=0, null=True)),
                ("engagement_actions", models.IntegerField(blank=True, db_default=0, null=True)),
                ("consultation_requests", models.IntegerField(blank=True, db_default=0, null=True)),
                (
                    "engagement_rate",
                    models.DecimalField(
                        blank=True, db_default=Decimal("0.0"), decimal_places=4, max_digits=5, null=True
                    ),
                ),
                (
                    "consultation_conversion",
                    models.DecimalField(
                        blank=True, db_default=Decimal("0.0"), decimal_places=4, max_digits=5, null=True
                    ),
                ),
                ("sample_size", models.IntegerField(blank=True, db_default=0, null=True)),
                (
                    "confidence_level",
                    models.DecimalField(
                        blank=True, db_default=Decimal("0.0"), decimal_places=4, max_digits=5, null=True
                    ),
                ),
                ("is_winner", models.BooleanField(blank=True, db_default=False, null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True, db_default=synapse.foundation.schema.CurrentTimestamp(), null=True
                    ),
                ),
            ],
            options={
                "verbose_name": "variant",
                "db_table": "test_variants",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("test", "variant_name"), name="test_variants_test_id_variant_name_key"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ContentRecommendation",
            fields=[
                (
                    "recommendation_id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("recommendation_type", models.TextField()),
                ("content_topic", models.TextField()),
                ("target_audience", models.TextField()),
                ("expected_performance", models.JSONField()),
                ("reasoning", models.TextField()),
                ("priority_score", models.DecimalField(decimal_places=4, max_digits=5)),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True, db_default=synapse.foundation.schema.CurrentTimestamp(), null=True
                    ),
                ),
            ],
            options={
                "db_table": "content_recommendations",
            },
        ),
        migrations.CreateModel(
            name="ContentPiece",
            fields=[
                (
                    "content_id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("original_content", models.TextField()),
                ("business_objective", models.TextField(blank=True, null=True)),
                ("target_audience", models.TextField(blank=True, null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True, db_default=synapse.foundation.schema.CurrentTimestamp(), null=True
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        blank=True, db_default=synapse.foundation.schema.CurrentTimestamp(), null=True
                    ),
                ),
            ],
            options={
                "db_table": "content_pieces",
            },
        ),
        migrations.CreateModel(
            name="PlatformAdaptation",
            fields=[
                (
                    "adaptation_id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "content",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="adaptations",
                        to="revenue.contentpiece",
                    ),
                ),
                ("platform", models.TextField()),
                ("adapted_content", models.TextField()),
                ("scheduled_time", models.DateTimeField(blank=True, null=True)),
                ("post_id", models.TextField(blank=True, null=True, verbose_name="post")),
                ("status", models.TextField(blank=True, db_default="draft", null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True, db_default=synapse.foundation.schema.CurrentTimestamp(), null=True
                    ),
                ),
            ],
            options={
                "db_table": "platform_adaptations",
            },
        ),
    ]
