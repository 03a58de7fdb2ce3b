from django.db import migrations

from synapse.foundation.databases import REVENUE
from synapse.foundation.schema import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("revenue", "0007_variant_position"),
    ]

    operations = [run_sql_file("revenue", "0005_empty_views", databases=[REVENUE])]
