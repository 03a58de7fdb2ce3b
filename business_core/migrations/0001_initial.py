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
            name="Post",
            fields=[
                (
                    "post_id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("external_post_id", models.TextField()),
                ("content", models.TextField()),
                ("posted_at", models.DateTimeField()),
                ("platform", models.TextField(db_default="linkedin")),
                ("week_theme", models.TextField(blank=True, null=True)),
                ("day_of_week", models.TextField(blank=True, null=True)),
                ("business_objective", models.TextField(blank=True, null=True)),
                ("target_audience", models.TextField(blank=True, null=True)),
                ("target_consultation_type", models.TextField(blank=True, null=True)),
                ("views", models.IntegerField(blank=True, db_default=0, null=True)),
                ("impressions", models.IntegerField(blank=True, db_default=0, null=True)),
                ("likes", models.IntegerField(blank=True, db_default=0, null=True)),
                ("comments", models.IntegerField(blank=True, db_default=0, null=True)),
                ("shares", models.IntegerField(blank=True, db_default=0, null=True)),
                ("saves", models.IntegerField(blank=True, db_default=0, null=True)),
                ("clicks", models.IntegerField(blank=True, db_default=0, null=True)),
                ("profile_views", models.IntegerField(blank=True, db_default=0, null=True)),
                ("connection_requests", models.IntegerField(blank=True, db_default=0, null=True)),
                ("dm_inquiries", models.IntegerField(blank=True, db_default=0, null=True, verbose_name="DM inquiries")),
                ("consultation_requests", models.IntegerField(blank=True, db_default=0, null=True)),
                (
                    "actual_engagement_rate",
                    models.DecimalField(
                        blank=True, db_default=Decimal("0.0"), decimal_places=4, max_digits=5, null=True
                    ),
                ),
                (
                    "business_conversion_rate",
                    models.DecimalField(
                        blank=True, db_default=Decimal("0.0"), decimal_places=4, max_digits=5, null=True
                    ),
                ),
                (
                    "roi_score",
                    models.DecimalField(
                        blank=True,
                        db_default=Decimal("0.0"),
                        decimal_places=2,
                        max_digits=8,
                        null=True,
                        verbose_name="ROI score",
                    ),
                ),
                ("data_source", models.TextField()),
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
                "db_table": "posts",
                "constraints": [
                    models.UniqueConstraint(fields=("external_post_id",), name="posts_external_post_id_key")
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsultationInquiry",
            fields=[
                (
                    "inquiry_id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("external_inquiry_id", models.TextField()),
                (
                    "source_post",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="inquiries",
                        to="business_core.post",
                    ),
                ),
                ("contact_name", models.TextField()),
                ("company", models.TextField(blank=True, null=True)),
                ("company_size", models.TextField(blank=True, null=True)),
                ("industry", models.TextField(blank=True, null=True)),
                ("inquiry_type", models.TextField()),
                ("inquiry_channel", models.TextField()),
                ("inquiry_text", models.TextField(blank=True, null=True)),
                ("inquiry_details", models.TextField(blank=True, null=True)),
                ("estimated_value", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("priority_score", models.IntegerField(blank=True, null=True)),
                ("qualification_score", models.IntegerField(blank=True, null=True)),
                ("status", models.TextField(blank=True, db_default="new", null=True)),
                ("last_contact", models.DateTimeField(blank=True, null=True)),
                ("notes", models.TextField(blank=True, null=True)),
                ("data_source", models.TextField()),
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
                "verbose_name_plural": "consultation inquiries",
                "db_table": "consultation_inquiries",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("external_inquiry_id",), name="consultation_inquiries_external_inquiry_id_key"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BusinessPipeline",
            fields=[
                (
                    "pipeline_id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("month", models.TextField()),
                ("total_posts", models.IntegerField(blank=True, db_default=0, null=True)),
                ("total_impressions", models.IntegerField(blank=True, db_default=0, null=True)),
                ("total_engagement", models.IntegerField(blank=True, db_default=0, null=True)),
                ("total_inquiries", models.IntegerField(blank=True, db_default=0, null=True)),
                ("discovery_calls", models.IntegerField(blank=True, db_default=0, null=True)),
                ("proposals_sent", models.IntegerField(blank=True, db_default=0, null=True)),
                ("contracts_won", models.IntegerField(blank=True, db_default=0, null=True)),
                (
                    "revenue_generated",
                    models.DecimalField(
                        blank=True, db_default=Decimal("0.0"), decimal_places=2, max_digits=12, null=True
                    ),
                ),
                (
                    "pipeline_value",
                    models.DecimalField(
                        blank=True, db_default=Decimal("0.0"), decimal_places=2, max_digits=12, null=True
                    ),
                ),
                (
                    "conversion_rate",
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
                (
                    "updated_at",
                    models.DateTimeField(
                        blank=True, db_default=synapse.foundation.schema.CurrentTimestamp(), null=True
                    ),
                ),
            ],
            options={
                "verbose_name": "pipeline month",
                "db_table": "business_pipeline",
                "constraints": [models.UniqueConstraint(fields=("month",), name="business_pipeline_month_key")],
            },
        ),
    ]
