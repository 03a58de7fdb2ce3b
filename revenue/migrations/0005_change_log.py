from django.db import migrations

from synapse.foundation.databases import REVENUE
from synapse.foundation.schema import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("change_log", "0002_functions"),
        ("revenue", "0004_views"),
    ]

    operations = [
        run_sql_file("revenue", "0003_change_log", databases=[REVENUE]),
    ]
