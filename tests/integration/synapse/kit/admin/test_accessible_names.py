"""Fields in a table's cells have a name of their own."""

import pytest
from django.test import Client

from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])


def test_a_field_of_a_list_is_named_after_its_column_and_row(admin_client: Client) -> None:
    factories.make_inquiry(contact_name='Ann "\u202e" Example', inquiry_type="architecture")

    page = admin_client.get("/admin/business_core/consultationinquiry/").content.decode()

    assert 'aria-label="Status of Ann &quot;⟨U+202E⟩&quot; Example: Architecture"' in page


def test_the_fields_of_inline_rows_are_named_after_them(admin_client: Client) -> None:
    variant = factories.make_variant(test=factories.make_ab_test(), variant_name="Green")

    page = admin_client.get(f"/admin/revenue/abtest/{variant.test_id}/change/").content.decode()

    assert 'aria-label="Impressions of Green"' in page
    assert 'aria-label="Impressions of the new variant"' in page
    assert 'aria-label="Delete Green"' in page
