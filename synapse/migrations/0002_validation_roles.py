from typing import Any

from django.db import migrations

from synapse.console.people.roles import ensure_roles


def make_roles(_apps: Any, _schema_editor: Any) -> None:
    ensure_roles()


class Migration(migrations.Migration):
    dependencies = [
        ("synapse", "0001_roles"),
        ("legacy_import", "0008_validation_runs"),
    ]

    operations = [
        migrations.RunPython(make_roles, migrations.RunPython.noop, hints={"databases": ["default"]}),
    ]
