"""What was found in SQLite files that no source declares, in the business core alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("legacy_import", "0011_source_decisions"),
    ]

    operations = [
        migrations.CreateModel(
            name="UndeclaredFile",
            fields=[
                ("path", models.TextField(primary_key=True, serialize=False)),
                ("signature", models.TextField(blank=True)),
                ("tables", models.JSONField(default=list)),
                ("error", models.TextField(blank=True)),
                ("archived_signature", models.TextField(blank=True, db_default="")),
            ],
            options={"db_table": "undeclared_file", "default_permissions": ()},
        ),
    ]
