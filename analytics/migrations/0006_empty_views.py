from django.db import migrations

from synapse.foundation.databases import ANALYTICS
from synapse.foundation.schema import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0005_view_ages"),
    ]

    operations = [run_sql_file("analytics", "0004_empty_views", databases=[ANALYTICS])]
