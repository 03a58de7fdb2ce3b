"""The form by itself, saved whole: what wasn't touched comes out as it went in."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.forms import ModelForm, modelform_factory

from business_core.models import ConsultationInquiry
from synapse.kit.admin.concurrent_edits.row_merge import ThreeWayMergeForm
from tests.factories import make_inquiry
from tests.integration.synapse.kit.change_log.history import changes_of, told

pytestmark = pytest.mark.django_db

_SHOWN = {"contact_name": "Ada", "last_contact": "2025-01-20 09:00:00"}


def _form(inquiry: ConsultationInquiry, **typed: str) -> "ModelForm[Any]":
    form_class = modelform_factory(ConsultationInquiry, form=ThreeWayMergeForm, fields=list(_SHOWN))
    return form_class(_SHOWN | typed, instance=inquiry)


def _inquiry() -> ConsultationInquiry:
    return make_inquiry(contact_name="Ada", last_contact=datetime(2025, 1, 20, 7, 0, 0, 123456, tzinfo=UTC))


def test_untouched_form_saves_no_change() -> None:
    inquiry = _inquiry()

    _form(inquiry).save()

    assert told(inquiry) == [("insert", None)]


def test_touched_field_is_saved_alone() -> None:
    inquiry = _inquiry()

    _form(inquiry, contact_name="Grace").save()

    assert changes_of(inquiry)[-1].new == {"contact_name": "Grace"}


def test_touched_field_is_still_judged() -> None:
    assert set(_form(_inquiry(), last_contact="soon").errors) == {"last_contact"}
