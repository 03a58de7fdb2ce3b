from django.db import migrations

from synapse.foundation.databases import BUSINESS_CORE
from synapse.foundation.schema import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("business_core", "0004_views"),
        ("change_log", "0002_functions"),
    ]

    operations = [
        run_sql_file("business_core", "0003_change_log", databases=[BUSINESS_CORE]),
    ]
