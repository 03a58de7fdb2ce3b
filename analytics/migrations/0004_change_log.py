from django.db import migrations

from synapse.foundation.databases import ANALYTICS
from synapse.foundation.schema import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0003_views"),
        ("change_log", "0002_functions"),
    ]

    operations = [
        run_sql_file("analytics", "0002_change_log", databases=[ANALYTICS]),
    ]
