"""A form for a new row that arrives twice adds one row."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from revenue.models import ABTest, ABTestVariant
from tests.factories import make_ab_test
from tests.integration.synapse.admin_base.browser_form import submitted

pytestmark = pytest.mark.django_db(databases=["default", "revenue"])

_ADD = "/admin/revenue/abtest/add/"


def _typed(client: Client) -> dict[str, str]:
    fields = submitted(client.get(_ADD).content.decode())
    fields |= {"test_name": "Hooks", "hypothesis": "Questions work.", "element_type": "hook"}
    fields |= {"start_date_0": "2025-01-20", "start_date_1": "07:00:00"}
    for number, name in enumerate("AB"):
        variant = {
            "variant_name": name,
            "element_type": "hook",
            "content": "Why?",
            "expected_metric": "engagement_rate",
        }
        fields |= {f"variants-{number}-{column}": value for column, value in variant.items()}
    return fields | {"variants-TOTAL_FORMS": "2"}


def test_a_second_click_adds_nothing_and_answers_like_the_first(admin_client: Client) -> None:
    fields = _typed(admin_client)

    answers = [admin_client.post(_ADD, fields) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert str(ABTest.objects.get().pk) == fields["_row_key"]
    assert ABTestVariant.objects.count() == 2


def test_two_forms_add_two_rows(admin_client: Client) -> None:
    for _ in range(2):
        admin_client.post(_ADD, _typed(admin_client))

    assert ABTest.objects.count() == 2


def test_a_refused_form_keeps_its_key(admin_client: Client) -> None:
    fields = _typed(admin_client)

    answer = admin_client.post(_ADD, fields | {"test_name": ""})

    assert answer.status_code == 200
    assert submitted(answer.content.decode())["_row_key"] == fields["_row_key"]


def test_a_made_up_key_tells_strangers_nothing(client: Client) -> None:
    test = make_ab_test(test_name="Secret")
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_abtestvariant"))
    client.force_login(clerk)

    answer = client.post(_ADD, {"_row_key": str(test.pk)})

    assert answer.status_code == 403
