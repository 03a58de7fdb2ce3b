"""Which changes are one unit of work: one author's, each within ten minutes of the one before."""

from datetime import timedelta

import pytest
from django.utils import timezone

from synapse.kit.change_log.models import ChangeLogEntry
from tests.factories import make_inquiry
from tests.integration.synapse.kit.change_log.logged_rows import changes_of_unit, mark, since

pytestmark = pytest.mark.django_db

TEN_MINUTES = timedelta(minutes=10)


@pytest.mark.parametrize(("pause", "changes"), [(TEN_MINUTES, 2), (TEN_MINUTES + timedelta(microseconds=1), 1)])
def test_a_pause_of_more_than_ten_minutes_begins_another_unit(pause: timedelta, changes: int) -> None:
    start = mark()
    make_inquiry()
    make_inquiry()
    first, second = since(start).order_by("pk")
    begun = timezone.now() - timedelta(hours=1)
    ChangeLogEntry.objects.filter(pk=first.pk).update(changed_at=begun)
    ChangeLogEntry.objects.filter(pk=second.pk).update(changed_at=begun + pause)

    assert len(changes_of_unit("default", first.transaction_id, second.pk)) == changes
    assert len(changes_of_unit("default", first.transaction_id, first.pk)) == changes
