"""Who gets a notice by mail: active staff who may act on it, have an address and did not switch its kind off."""

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, QuerySet

from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.notices.models import Notice, NoticePreference

_BACKEND = "django.contrib.auth.backends.ModelBackend"


def mail_recipients(notice: Notice) -> QuerySet[User]:
    """Return the people who get the notice by mail, as of now."""
    unwanted = NoticePreference.objects.filter(person=OuterRef("pk"), kind=notice.kind, by_mail=False)
    people = User.objects.with_perm(notice.permission, backend=_BACKEND).using(BUSINESS_CORE)
    return people.filter(~Exists(unwanted), is_staff=True).exclude(email="").order_by("pk")
