from typing import Any

from django.db import migrations

from synapse.console.people.roles import ensure_roles


def make_roles(_apps: Any, _schema_editor: Any) -> None:
    ensure_roles()


class Migration(migrations.Migration):
    dependencies = [
        ("synapse", "0003_job_roles"),
        ("django_q", "0018_task_success_index"),
    ]

    operations = [
        # The migration operator may change when jobs run.
        migrations.RunPython(make_roles, migrations.RunPython.noop, hints={"databases": ["default"]}),
    ]
