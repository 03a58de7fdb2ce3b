from django.db import migrations

from synapse.foundation.databases import REVENUE
from synapse.foundation.schema import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("revenue", "0001_initial"),
    ]

    operations = [
        run_sql_file("revenue", "0001_foreign_keys", databases=[REVENUE]),
    ]
