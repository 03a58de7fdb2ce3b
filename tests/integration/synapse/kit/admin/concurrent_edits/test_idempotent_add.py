"""A form for a new row that arrives twice adds one row."""

import pytest
from django.test import Client

from revenue.models import ABTest, ABTestVariant
from tests.factories import make_ab_test
from tests.integration.synapse.kit.admin.browser_form import submitted
from tests.integration.synapse.kit.admin.concurrent_edits.two_people import person, told
from tests.people import clerk

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
    assert ABTest.objects.count() == 1
    assert ABTestVariant.objects.count() == 2


def test_a_second_click_on_another_button_adds_nothing(admin_client: Client) -> None:
    fields = _typed(admin_client)

    admin_client.post(_ADD, fields | {"_save": "Save"})
    answer = admin_client.post(_ADD, fields | {"_continue": "Save and continue editing"})

    assert answer.url.endswith(f"/{ABTest.objects.get().pk}/change/")  # type: ignore[attr-defined]


def test_other_words_after_back_add_another_row(admin_client: Client) -> None:
    fields = _typed(admin_client)
    admin_client.post(_ADD, fields)

    answer = admin_client.post(_ADD, fields | {"test_name": "Endings", "variants-0-content": "An hour of typing"})

    assert answer.status_code == 302
    assert sorted(ABTest.objects.values_list("test_name", flat=True)) == ["Endings", "Hooks"]
    assert ABTestVariant.objects.filter(test__test_name="Endings", content="An hour of typing").exists()


def test_the_same_words_of_somebody_else_add_a_row_of_their_own(admin_client: Client) -> None:
    fields = _typed(admin_client)
    admin_client.post(_ADD, fields)

    person("bob").client.post(_ADD, fields)

    assert ABTest.objects.count() == 2


def test_the_key_of_an_existing_row_does_not_reveal_it(client: Client) -> None:
    test = make_ab_test(test_name="Secret")
    client.force_login(clerk("add_abtest"))

    answer = client.post(_ADD, {"_row_key": str(test.pk)})

    assert answer.status_code == 200
    assert not told(answer)


def test_two_forms_add_two_rows(admin_client: Client) -> None:
    for _ in range(2):
        admin_client.post(_ADD, _typed(admin_client))

    assert ABTest.objects.count() == 2


def test_a_refused_form_keeps_its_key(admin_client: Client) -> None:
    fields = _typed(admin_client)

    answer = admin_client.post(_ADD, fields | {"test_name": ""})

    assert answer.status_code == 200
    assert submitted(answer.content.decode())["_row_key"] == fields["_row_key"]


def test_a_made_up_key_reveals_nothing_to_strangers(client: Client) -> None:
    test = make_ab_test(test_name="Secret")
    client.force_login(clerk("view_abtestvariant"))

    answer = client.post(_ADD, {"_row_key": str(test.pk)})

    assert answer.status_code == 403
