"""A person's choice of the kinds of notices that come by mail: all, but for those switched off. Called by views.py."""

from collections.abc import Collection

from django.contrib.auth.models import User
from django.db import transaction

from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.notices.models import Kind, NoticePreference


def mailed_kinds(person: User) -> set[str]:
    """Return the kinds of which the person wants mails."""
    preferences = NoticePreference.objects.using(BUSINESS_CORE).filter(person=person.pk, by_mail=False)
    return set(Kind.values) - set(preferences.values_list("kind", flat=True))


def save_mailed_kinds(person: User, *, kinds: Collection[str]) -> None:
    """Have the person get mails of these kinds and of no other."""
    choices = [NoticePreference(person_id=person.pk, kind=kind, by_mail=kind in kinds) for kind in Kind.values]
    with transaction.atomic(using=BUSINESS_CORE):
        # An upsert of one row per kind, so that two saves at once end as one of them.
        NoticePreference.objects.using(BUSINESS_CORE).bulk_create(
            choices, update_conflicts=True, unique_fields=["person", "kind"], update_fields=["by_mail"]
        )
