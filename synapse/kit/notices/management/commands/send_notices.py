"""manage.py send_notices: send the mails of notices that are due, as the supervisor does at each heartbeat."""

from typing import Any, Final

from django.core.management.base import CommandError
from django.utils import timezone

from synapse.foundation.contained_command import ContainedCommand
from synapse.kit.notices.sending import deliver_notices

_BUDGET_SECONDS: Final = 300.0


class Command(ContainedCommand):
    help = "Send the mails of notices that are due; for cron, where no supervisor runs. Exit 1 where one failed."

    def handle(self, *args: Any, **options: Any) -> None:
        delivery = deliver_notices(timezone.now(), budget_seconds=_BUDGET_SECONDS)
        if delivery.error:
            raise CommandError(
                f"{delivery.sent} sent, {delivery.failed} failed and tried again later. {delivery.error}"
            )
        self.stdout.write(f"{delivery.sent} sent.")
