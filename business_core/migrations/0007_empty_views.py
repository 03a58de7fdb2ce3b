from django.db import migrations

from synapse.foundation.databases import BUSINESS_CORE
from synapse.foundation.schema import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("business_core", "0006_next_action"),
    ]

    operations = [run_sql_file("business_core", "0004_empty_views", databases=[BUSINESS_CORE])]
