"""Reads of notices: open ones, those a person may see, those the person has not read."""

from typing import TYPE_CHECKING, Self

from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Exists, OuterRef

if TYPE_CHECKING:
    from synapse.kit.notices.models import Notice  # noqa: F401  # the table is made of these reads

Person = User | AnonymousUser


class NoticeQuerySet(models.QuerySet["Notice"]):
    """What pages ask of the notices."""

    def open(self) -> Self:
        """Return those nobody has resolved."""
        return self.filter(resolved_at=None)

    def for_person(self, person: Person) -> Self:
        """Return those whose permission the person has; none for a person who is not active staff."""
        if not (person.is_active and person.is_staff):
            return self.none()
        # An administrator's permissions are all there are; asking for each would only cost.
        return self if person.is_superuser else self.filter(permission__in=sorted(person.get_all_permissions()))

    def with_reading(self, person: Person) -> Self:
        """Return them with `is_read`, whether the person has read it."""
        return self.annotate(is_read=self._read_by(person))

    def unread_by(self, person: Person) -> Self:
        """Return those the person has not read."""
        return self.filter(~self._read_by(person))

    @staticmethod
    def _read_by(person: Person) -> Exists:
        from synapse.kit.notices.models import NoticeReading  # noqa: PLC0415  # its table points at this one's

        return Exists(NoticeReading.objects.filter(notice=OuterRef("pk"), person=person.pk))
