"""Sales are told of inquiries in the quarantine by a kind of their own. No column changes."""

from typing import ClassVar, Final

from django.db import migrations, models

_KINDS: Final = [
    ("quarantined_rows", "Rows in quarantine"),
    ("failed_validation", "Validation failed"),
    ("worker_down", "Worker down"),
    ("job_given_up", "Job given up"),
    ("overdue_inquiries", "Inquiries overdue"),
    ("unread_inquiries", "Inquiries that could not be read"),
]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("notices", "0002_no_stale_data")]

    operations: ClassVar = [
        migrations.AlterField(model_name="notice", name="kind", field=models.TextField(choices=_KINDS)),
        migrations.AlterField(model_name="noticepreference", name="kind", field=models.TextField(choices=_KINDS)),
    ]
