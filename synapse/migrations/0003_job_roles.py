from typing import Any

from django.db import migrations

from synapse.console.people.roles import ensure_roles


def make_roles(_apps: Any, _schema_editor: Any) -> None:
    ensure_roles()


class Migration(migrations.Migration):
    dependencies = [
        ("synapse", "0002_validation_roles"),
        ("job_base", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(make_roles, migrations.RunPython.noop, hints={"databases": ["default"]}),
    ]
