"""The form of a test as the tests fill it in."""

from typing import Any

from django.test import Client
from django.urls import reverse

from revenue.models import ABTest
from tests.integration.revenue.ab_rows import METRIC
from tests.integration.synapse.kit.admin.browser_form import submitted

ADD_PAGE = "/admin/revenue/abtest/add/"


def change_page(test: ABTest) -> str:
    return reverse("admin:revenue_abtest_change", args=[test.pk])


def new_fields(client: Client, **typed: str) -> dict[str, str]:
    """Return the fields of a new test with two variants, as a person types them."""
    fields = submitted(client.get(ADD_PAGE).content.decode())
    fields |= {
        "test_name": "Hooks",
        "hypothesis": "Questions work.",
        "element_type": "hook",
        "start_date_0": "2025-01-20",
        "start_date_1": "07:00:00",
    }
    for place, name in enumerate(("Zebra", "Ant")):
        prefix = f"variants-{place}-"
        fields |= {f"{prefix}variant_name": name, f"{prefix}content": "Why?", f"{prefix}expected_metric": METRIC}
    return fields | typed


def errors(response: Any) -> str:
    assert response.status_code == 200
    html: str = response.content.decode()
    return html


def prefix_of(test: ABTest, name: str, fields: dict[str, str]) -> str:
    key = str(test.variants.get(variant_name=name).pk)
    return next(field for field, value in fields.items() if value == key).removesuffix("variant_id")
