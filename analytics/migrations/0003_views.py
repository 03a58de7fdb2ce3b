from django.db import migrations, models

from synapse.foundation.databases import ANALYTICS
from synapse.foundation.schema import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0002_indexes"),
    ]

    operations = [
        run_sql_file("analytics", "0001_views", databases=[ANALYTICS]),
        migrations.CreateModel(
            name="TopPerformingPattern",
            fields=[
                ("pattern_type", models.TextField()),
                ("pattern_value", models.TextField(primary_key=True, serialize=False)),
                ("avg_engagement_rate", models.DecimalField(decimal_places=4, max_digits=5)),
                ("avg_consultation_conversion", models.DecimalField(decimal_places=4, max_digits=5)),
                ("sample_size", models.IntegerField()),
                ("confidence_score", models.DecimalField(decimal_places=4, max_digits=5)),
            ],
            options={
                "db_table": "top_performing_patterns",
                "managed": False,
            },
        ),
    ]
