"""The one error of the embedded server; its sentences are written where it is raised."""

from django.core.management.base import CommandError
from django.db.utils import OperationalError


class EmbeddedPostgresError(OperationalError, CommandError):
    """The embedded PostgreSQL can't be had; the message is one sentence that says what to do.

    An OperationalError, so that code which expects a database to be down handles it; a CommandError, so that every
    management command shows the sentence to the operator rather than a traceback.
    """
