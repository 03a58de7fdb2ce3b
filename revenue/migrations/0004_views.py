from django.db import migrations, models

from synapse.foundation.databases import REVENUE
from synapse.foundation.schema import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("revenue", "0003_indexes"),
    ]

    operations = [
        run_sql_file("revenue", "0002_views", databases=[REVENUE]),
        migrations.CreateModel(
            name="RevenuePipelineSummary",
            fields=[
                ("customer_segment", models.TextField(primary_key=True, serialize=False)),
                ("total_opportunities", models.BigIntegerField()),
                ("total_pipeline_value", models.DecimalField(decimal_places=2, max_digits=20)),
                ("avg_confidence", models.DecimalField(decimal_places=4, max_digits=20)),
                ("avg_qualification", models.DecimalField(decimal_places=4, max_digits=20)),
            ],
            options={
                "verbose_name_plural": "revenue pipeline summary",
                "db_table": "revenue_pipeline_summary",
                "managed": False,
            },
        ),
    ]
