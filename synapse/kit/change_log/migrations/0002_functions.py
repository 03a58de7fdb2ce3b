from django.db import migrations

from synapse.foundation.databases import ALIASES
from synapse.foundation.schema import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("change_log", "0001_initial"),
    ]

    operations = [
        run_sql_file("synapse.kit.change_log", "0001_functions", databases=ALIASES),
    ]
