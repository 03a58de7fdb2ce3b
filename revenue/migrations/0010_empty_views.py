from django.db import migrations

from synapse.foundation.databases import REVENUE
from synapse.foundation.schema import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("revenue", "0009_typed_splits"),
    ]

    operations = [run_sql_file("revenue", "0005_empty_views", databases=[REVENUE])]
