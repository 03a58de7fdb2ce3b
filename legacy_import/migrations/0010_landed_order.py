"""The order in which runs landed, told by no clock; runs that landed before have that of their ends."""

from django.db import migrations, models

_BACKFILL = """
    UPDATE import_run AS r SET landed_order = o.place
    FROM (
        SELECT id, row_number() OVER (PARTITION BY source ORDER BY finished_at, started_at, id) AS place
        FROM import_run WHERE status IN ('completed', 'quarantined', 'undone')
    ) AS o
    WHERE o.id = r.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("legacy_import", "0009_source_sync"),
    ]

    operations = [
        migrations.AddField(
            model_name="importrun",
            name="landed_order",
            field=models.BigIntegerField(null=True),
        ),
        migrations.RunSQL(_BACKFILL, migrations.RunSQL.noop),
    ]
