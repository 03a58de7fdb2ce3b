from typing import Any

from django.db import migrations

from synapse.console.people.roles import ensure_roles


def make_roles(_apps: Any, _schema_editor: Any) -> None:
    ensure_roles()


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("business_core", "0006_next_action"),
        ("analytics", "0004_change_log"),
        ("revenue", "0005_change_log"),
        ("legacy_import", "0007_undo_floor"),
        ("change_log", "0002_functions"),
    ]

    operations = [
        # The way back leaves the groups: people are in them, and an administrator may have changed what they may do.
        migrations.RunPython(make_roles, migrations.RunPython.noop, hints={"databases": ["default"]}),
    ]
