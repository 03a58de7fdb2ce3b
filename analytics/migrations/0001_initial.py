import uuid
from decimal import Decimal

import django.contrib.postgres.functions
from django.db import migrations, models

import synapse.foundation.schema


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ContentAnalysis",
            fields=[
                (
                    "analysis_id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("post_id", models.TextField(verbose_name="post")),
                ("word_count", models.IntegerField()),
                ("emoji_count", models.IntegerField(blank=True, db_default=0, null=True)),
                ("hashtag_count", models.IntegerField(blank=True, db_default=0, null=True)),
                ("question_count", models.IntegerField(blank=True, db_default=0, null=True)),
                ("data_points", models.IntegerField(blank=True, db_default=0, null=True)),
                ("hook_type", models.TextField()),
                ("cta_type", models.TextField(verbose_name="CTA type")),
                ("topic_category", models.TextField()),
                ("technical_depth", models.IntegerField(blank=True, null=True)),
                ("business_focus", models.IntegerField(blank=True, null=True)),
                ("controversy_score", models.IntegerField(blank=True, null=True)),
                ("personal_story", models.BooleanField(blank=True, db_default=False, null=True)),
                ("code_snippets", models.BooleanField(blank=True, db_default=False, null=True)),
                ("data_source", models.TextField()),
                (
                    "analyzed_at",
                    models.DateTimeField(
                        blank=True, db_default=synapse.foundation.schema.CurrentTimestamp(), null=True
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
                "verbose_name_plural": "content analyses",
                "db_table": "content_analysis",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("technical_depth__range", (1, 5))),
                        name="content_analysis_technical_depth_check",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("business_focus__range", (1, 5))),
                        name="content_analysis_business_focus_check",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("controversy_score__range", (1, 5))),
                        name="content_analysis_controversy_score_check",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContentPattern",
            fields=[
                (
                    "pattern_id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("pattern_type", models.TextField()),
                ("pattern_value", models.TextField()),
                ("avg_engagement_rate", models.DecimalField(decimal_places=4, max_digits=5)),
                ("avg_consultation_conversion", models.DecimalField(decimal_places=4, max_digits=5)),
                ("sample_size", models.IntegerField()),
                ("confidence_score", models.DecimalField(decimal_places=4, max_digits=5)),
                ("recommendation", models.TextField(blank=True, null=True)),
                (
                    "identified_at",
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
                "db_table": "content_patterns",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("pattern_type", "pattern_value"), name="content_patterns_pattern_type_pattern_value_key"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PerformancePrediction",
            fields=[
                (
                    "prediction_id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("post_id", models.TextField(verbose_name="post")),
                ("predicted_engagement_rate", models.DecimalField(decimal_places=4, max_digits=5)),
                ("predicted_consultation_requests", models.IntegerField()),
                ("confidence_lower", models.DecimalField(decimal_places=4, max_digits=5)),
                ("confidence_upper", models.DecimalField(decimal_places=4, max_digits=5)),
                ("key_factors", models.JSONField()),
                ("recommendations", models.JSONField()),
                ("actual_engagement_rate", models.DecimalField(blank=True, decimal_places=4, max_digits=5, null=True)),
                ("actual_consultation_requests", models.IntegerField(blank=True, null=True)),
                ("prediction_accuracy", models.DecimalField(blank=True, decimal_places=4, max_digits=5, null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True, db_default=synapse.foundation.schema.CurrentTimestamp(), null=True
                    ),
                ),
                ("validated_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "performance_predictions",
            },
        ),
        migrations.CreateModel(
            name="AttributionTracking",
            fields=[
                (
                    "tracking_id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("content_id", models.TextField(verbose_name="content")),
                ("platform", models.TextField()),
                ("touchpoint", models.TextField()),
                ("user_id", models.TextField(blank=True, null=True, verbose_name="user")),
                ("session_id", models.TextField(blank=True, null=True, verbose_name="session")),
                (
                    "value",
                    models.DecimalField(
                        blank=True, db_default=Decimal("0.0"), decimal_places=2, max_digits=10, null=True
                    ),
                ),
                ("metadata", models.JSONField(blank=True, null=True)),
                ("processed", models.BooleanField(blank=True, db_default=False, null=True)),
                (
                    "timestamp",
                    models.DateTimeField(
                        blank=True, db_default=synapse.foundation.schema.CurrentTimestamp(), null=True
                    ),
                ),
            ],
            options={
                "verbose_name": "attribution touchpoint",
                "db_table": "attribution_tracking",
            },
        ),
    ]
