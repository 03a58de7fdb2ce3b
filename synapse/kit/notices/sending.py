"""Sending the mails of the outbox: at every heartbeat of the supervisor, and by `manage.py send_notices`.

Delivery is at least once: a mail is marked after the server took it, and one sent again has the same Message-ID. What
is sent to whom is outbox.py's, recipients.py's and mail_text.py's.
"""

import logging
import time
from dataclasses import dataclass
from datetime import datetime
from smtplib import SMTPDataError, SMTPNotSupportedError, SMTPRecipientsRefused
from typing import Final

from django.core import mail as django_mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import DatabaseError, transaction

from synapse.foundation.databases import BUSINESS_CORE
from synapse.foundation.text.error_line import error_line
from synapse.kit.notices.mail_text import mail_message
from synapse.kit.notices.models import NoticeMail
from synapse.kit.notices.outbox import (
    claim_mail,
    enqueue_notice_mails,
    mark_dropped,
    mark_failed,
    mark_sent,
    undelivered_mail,
)
from synapse.kit.notices.recipients import mail_recipients

__all__ = ["Delivery", "deliver_notices", "undelivered_mail"]

logger = logging.getLogger(__name__)

_BUDGET_SECONDS: Final = 5.0
_PERMANENT_FAILURE_FROM: Final = 500
"""SMTP replies from 500 on are permanent failures, those below (4xx) transient ones."""


@dataclass(slots=True)
class Delivery:
    """What one round did. `error` is why it ended early or what the server said last; empty where all went well."""

    sent: int = 0
    failed: int = 0
    dropped: int = 0
    error: str = ""


class _ServerAwayError(Exception):
    """The mail server can't be reached (transient): the next mail of this round would fail alike."""


def deliver_notices(now: datetime, *, budget_seconds: float = _BUDGET_SECONDS) -> Delivery:
    """Send the mails that are due and return what came of it; never raises.

    Begins no further mail after `budget_seconds`, nor after the mail server could not be reached; what is left is sent
    in the next round. Several may send at once: each mail is one sender's. Call it outside a transaction.
    """
    delivery, deadline = Delivery(), time.monotonic() + budget_seconds
    connection: BaseEmailBackend | None = None
    try:
        enqueue_notice_mails(now)
        connection = django_mail.get_connection()
        while _deliver_next_mail(connection, delivery, now) and time.monotonic() < deadline:
            pass
    except _ServerAwayError:
        pass
    except DatabaseError as error:
        delivery.error = f"The database did not answer: {error_line(error)}"
    except Exception as error:  # the caller, a supervisor, has other work that must go on
        logger.exception("Notices could not be sent.")
        delivery.error = f"{type(error).__name__}: {error_line(error)}"
    finally:
        if connection is not None:
            try:
                connection.close()
            except OSError:
                logger.debug("The mail server had hung up already.", exc_info=True)
    return delivery


def _deliver_next_mail(connection: BaseEmailBackend, delivery: Delivery, now: datetime) -> bool:
    """Send the next mail that is due; say whether there was one. Raises _ServerAwayError once the failure is stored."""
    # The transaction holds the mail's row lock while the server is spoken to: killed, it gives the mail back.
    with transaction.atomic(using=BUSINESS_CORE):
        mail = claim_mail(now)
        if mail is None:
            return False
        if not mail_recipients(mail.notice).filter(pk=mail.person_id).exists():
            mark_dropped(mail)
            delivery.dropped += 1
            return True
        failure = _try_send_mail(mail, connection)
        if failure is None:
            mark_sent(mail, now=now)
            delivery.sent += 1
            return True
        error, is_about_this_mail, for_good = failure
        mark_failed(mail, error=error, for_good=for_good, now=now)
        delivery.failed, delivery.error = delivery.failed + 1, error
    # Outside of the transaction, so that the failed attempt and its back-off are committed.
    if not is_about_this_mail:
        raise _ServerAwayError
    return True


def _try_send_mail(mail: NoticeMail, connection: BaseEmailBackend) -> tuple[str, bool, bool] | None:
    """Send the mail; return None, or the error, whether it is only this mail's, and whether it is permanent."""
    try:
        connection.open()  # once a round: what is open already stays
        mail_message(mail, connection).send()
    except SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()), (0, b""))
        return _format_server_reply(code, words), True, code >= _PERMANENT_FAILURE_FROM
    except SMTPDataError as error:
        return _format_server_reply(error.smtp_code, error.smtp_error), True, error.smtp_code >= _PERMANENT_FAILURE_FROM
    except SMTPNotSupportedError as error:
        return f"{type(error).__name__}: {error_line(error)}", True, True
    except OSError as error:  # every other SMTP error is one too: the next mail would fail alike
        return f"{type(error).__name__}: {error_line(error)}", False, False
    except Exception as error:  # noqa: BLE001  # as for an address that no header can hold: the other mails must go on
        return f"{type(error).__name__}: {error_line(error)}", True, True
    return None


def _format_server_reply(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"The mail server said {code} {text}"
