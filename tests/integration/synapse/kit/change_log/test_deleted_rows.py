"""The page of deleted rows, and what restoring one brings back."""

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from business_core.models import ConsultationInquiry, Post
from revenue.models import ABTest, ABTestVariant
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.factories import make_ab_test, make_inquiry, make_post, make_variant
from tests.integration.synapse.kit.change_log.history import changes_of, run_sql
from tests.integration.synapse.kit.change_log.people import client_with

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_PAGE = "/admin/changes/business-core/deleted/"


@pytest.fixture
def sales() -> Client:
    verbs = ("view", "add", "change", "delete")
    return client_with(*(f"{verb}_{model}" for verb in verbs for model in ("consultationinquiry", "post")))


def delete(row: ConsultationInquiry | Post | ABTest) -> int:
    """Delete the row as Ada; return the number of the change."""
    key, meta = row.pk, row._meta
    with attribute_changes_to("ada"):
        run_sql(str(row._state.db), f'DELETE FROM "{meta.db_table}" WHERE "{meta.pk.column}" = %s', key)
    return changes_of(row)[-1].pk


def restore(entry: int, database: str = "business-core") -> str:
    return f"/admin/changes/{database}/entries/{entry}/revert/"


def test_deleted_row_is_listed_and_comes_back(sales: Client) -> None:
    inquiry = make_inquiry(contact_name="Ada <b>", notes="Kept")
    entry = delete(inquiry)

    page = sales.get(_PAGE).content.decode()
    done = sales.post(restore(entry), {"back": "deleted"}, follow=True).content.decode()

    assert "Ada &lt;b&gt;: Architecture" in page
    assert "deleted by ada" in page
    assert restore(entry) in page
    assert ConsultationInquiry.objects.get(pk=inquiry.pk).notes == "Kept"
    assert "1 inquiry brought back." in done
    assert "Is here again" in done
    assert restore(entry) not in done


def test_restored_post_is_referred_to_again_and_others_stay_deleted(sales: Client) -> None:
    post, other = make_post(), make_post()
    inquiry, another = make_inquiry(source_post=post), make_inquiry(source_post=other)
    with attribute_changes_to("ada"):
        run_sql("default", "DELETE FROM posts")

    sales.post(restore(changes_of(post)[-1].pk))

    inquiry.refresh_from_db()
    another.refresh_from_db()
    assert (inquiry.source_post_id, another.source_post_id) == (post.pk, None)
    assert list(Post.objects.all()) == [post]


def test_restored_test_brings_its_variants() -> None:
    test, other = make_ab_test(), make_ab_test()
    variants = {make_variant(test=test), make_variant(test=test)}
    make_variant(test=other)
    run_sql("revenue", "DELETE FROM ab_tests")
    verbs = ("view", "add", "change", "delete")
    analyst = client_with(*(f"{verb}_{model}" for verb in verbs for model in ("abtest", "abtestvariant")))

    analyst.post(restore(changes_of(test)[-1].pk, "revenue"))

    assert set(ABTestVariant.objects.all()) == variants
    assert list(ABTest.objects.all()) == [test]


def test_restoring_without_the_permission_for_the_cascade_is_refused() -> None:
    test = make_ab_test()
    make_variant(test=test)
    run_sql("revenue", "DELETE FROM ab_tests")
    clerk = client_with("view_abtest", "add_abtest")

    assert clerk.post(restore(changes_of(test)[-1].pk, "revenue")).status_code == 403
    assert not ABTest.objects.exists()


def test_restoring_twice_says_that_the_row_is_here(sales: Client) -> None:
    entry = delete(make_inquiry())
    sales.post(restore(entry))

    done = sales.post(restore(entry), follow=True).content.decode()

    assert "a row with this key is here again" in done


def test_list_shows_only_what_the_person_may_see(sales: Client) -> None:
    delete(make_inquiry(contact_name="Secret"))
    delete(make_post(external_post_id="public"))
    clerk = client_with("view_post", name="hedy")

    page = clerk.get(_PAGE).content.decode()

    assert "public" in page
    assert "Secret" not in page
    assert clerk.get(_PAGE, {"table": "consultation_inquiries"}).status_code == 404
    assert clerk.get("/admin/changes/revenue/deleted/").status_code == 403


def test_list_goes_on_to_older_ones(sales: Client) -> None:
    for _ in range(23):
        delete(make_post())

    first = sales.get(_PAGE)
    older = first.context["older"]
    second = sales.get(_PAGE, {"before": older, "table": "posts"})

    assert (len(first.context["rows"]), len(second.context["rows"])) == (20, 3)


@pytest.mark.parametrize("query", [{"before": "x"}, {"before": "9" * 30}, {"table": "auth_user"}])
def test_odd_addresses_are_not_found(sales: Client, query: dict[str, str]) -> None:
    assert sales.get(_PAGE, query).status_code == 404


def test_empty_list_says_what_it_is_for(sales: Client) -> None:
    assert "A row that goes can be brought back from this page." in sales.get(_PAGE).content.decode()


def test_queries_stay_the_same(sales: Client) -> None:
    delete(make_inquiry())
    sales.get(_PAGE)
    asked = []
    for _ in range(2):
        with CaptureQueriesContext(connections["default"]) as queries:
            sales.get(_PAGE)
        asked.append(len(queries))
        for _ in range(15):
            delete(make_inquiry())

    assert asked[0] == asked[1]
