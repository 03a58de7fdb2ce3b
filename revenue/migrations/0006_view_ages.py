from django.db import migrations

from synapse.foundation.databases import REVENUE
from synapse.foundation.schema import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("revenue", "0005_change_log"),
    ]

    operations = [
        run_sql_file("revenue", "0004_view_ages", databases=[REVENUE]),
        migrations.AlterModelOptions(
            name="revenuepipelinesummary",
            options={
                "managed": False,
                "permissions": [("refresh_revenuepipelinesummary", "Can refresh the revenue pipeline summary")],
                "verbose_name_plural": "revenue pipeline summary",
            },
        ),
    ]
