from django.db import migrations

from synapse.foundation.databases import ANALYTICS
from synapse.foundation.schema import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0004_change_log"),
    ]

    operations = [
        run_sql_file("analytics", "0003_view_ages", databases=[ANALYTICS]),
        migrations.AlterModelOptions(
            name="topperformingpattern",
            options={
                "managed": False,
                "permissions": [("refresh_topperformingpattern", "Can refresh the top performing patterns")],
            },
        ),
    ]
