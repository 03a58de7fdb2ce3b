"""An export holds the rows of the list, as it is filtered, for those who may look at it."""

from typing import Any

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import Permission, User
from django.db import connections
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from analytics.models import TopPerformingPattern
from business_core.models import ConsultationInquiry, Post
from revenue.models import RevenueOpportunity
from synapse.foundation.databases import ALIASES
from synapse.foundation.materialized_views import refresh_views
from synapse.kit.admin.export_pages import ExportPages
from synapse.kit.change_log.models import RevenueChange
from tests.factories import make_content_pattern, make_inquiry, make_opportunity, make_post
from tests.integration.synapse.kit.import_export.files import address, exported, lines, messages, xlsx_rows

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])


def _person(*permissions: str) -> Client:
    user = User.objects.create_user("person", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def _content(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_every_list_exports_both_formats(admin_client: Client) -> None:
    make_content_pattern()
    make_opportunity()
    for alias in ALIASES:
        refresh_views(alias=alias)
    exporting = [model for model, page in site._registry.items() if isinstance(page, ExportPages) and _is_a_list(page)]
    assert len(exporting) > 30

    for model in exporting:
        headings = lines_and_headings(exported(admin_client, model))
        assert tuple(headings) == xlsx_rows(exported(admin_client, model, "xlsx"))[0]


def lines_and_headings(content: bytes) -> list[str]:
    return content.decode("utf-8-sig").splitlines()[0].split(",")


def _is_a_list(page: ExportPages[Any]) -> bool:
    return any(pattern.name and pattern.name.endswith("_export") for pattern in page.get_urls())


def test_the_filter_the_search_and_the_order_count(admin_client: Client) -> None:
    for name, value in [("Ada", 1), ("Bob", 2), ("Cyd", 3)]:
        make_inquiry(contact_name=name, estimated_value=value, status="new" if name != "Bob" else "contacted")

    rows = lines(exported(admin_client, ConsultationInquiry, status__exact="new", p="2"))
    found = lines(exported(admin_client, ConsultationInquiry, q="Bob"))

    assert [row["contact_name"] for row in rows] == ["Cyd", "Ada"]
    assert [row["contact_name"] for row in found] == ["Bob"]


def test_ticked_rows_are_exported_by_an_action(admin_client: Client) -> None:
    ticked, _ = make_opportunity(), make_opportunity()

    for kind in ("csv", "xlsx"):
        chosen = {"action": f"export_{kind}", "_selected_action": [str(ticked.pk)]}
        response: Any = admin_client.post(address(RevenueOpportunity, "changelist"), chosen)
        assert f".{kind}" in response["Content-Disposition"]
        content = _content(response)
        keys = [row["opportunity_id"] for row in lines(content)] if kind == "csv" else [xlsx_rows(content)[1][0]]
        assert keys == [str(ticked.pk)]


def test_the_file_is_named_after_table_and_day(admin_client: Client) -> None:
    response = admin_client.get(address(ConsultationInquiry, "export", "csv"))

    assert response["Content-Disposition"].startswith('attachment; filename="inquiries-20')
    assert response["Content-Type"] == "text/csv; charset=utf-8"


def test_who_may_not_view_gets_no_export(client: Client) -> None:
    place = address(ConsultationInquiry, "export", "csv")

    assert client.get(place).headers["Location"].startswith("/admin/login/")
    stranger = _person("view_post")
    assert stranger.get(place).status_code == 403
    assert stranger.get(address(Post, "export", "csv")).status_code == 200
    assert stranger.post(address(Post, "export", "csv")).status_code == 405
    assert stranger.get(address(Post, "export", "pdf")).status_code == 404


def test_the_list_links_to_what_a_person_may_do(admin_client: Client) -> None:
    make_post()
    query = "?platform=linkedin"
    looking = _person("view_post")

    seen = looking.get(address(Post, "changelist") + query + "&p=1").content.decode()
    edited = admin_client.get(address(Post, "changelist") + query).content.decode()

    assert f'href="{address(Post, "export", "csv")}{query}"' in seen
    assert address(Post, "import") not in seen
    assert 'value="export_csv"' in seen
    assert address(Post, "import") in edited


def test_passwords_stay(admin_client: Client) -> None:
    (row,) = lines(exported(admin_client, User))

    assert row["username"] == "admin"
    assert "password" not in row


def test_a_database_of_its_own_is_asked(admin_client: Client) -> None:
    opportunity = make_opportunity()

    (row,) = lines(exported(admin_client, RevenueChange))

    assert row["row_key"] == str(opportunity.pk)


def test_rows_that_no_tick_tells_apart_have_no_ticks(admin_client: Client) -> None:
    make_content_pattern(sample_size=100)
    refresh_views(alias="analytics")

    page = admin_client.get(address(TopPerformingPattern, "changelist")).content.decode()

    assert address(TopPerformingPattern, "export", "csv") in page
    assert "export_csv" not in page


def test_a_filter_that_is_none_exports_nothing(admin_client: Client) -> None:
    page = admin_client.get(address(Post, "export", "csv"), {"posted_at__gte": "soon"}, follow=True)

    assert messages(page)[0].endswith("nothing was exported.")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_more_rows_ask_no_more_queries(admin_client: Client, kind: str) -> None:
    def queries(model: type[Model]) -> int:
        with CaptureQueriesContext(connections["default"]) as asked:
            exported(admin_client, model, kind)
        return len(asked)

    make_inquiry(source_post=make_post())
    few = queries(ConsultationInquiry)
    for _ in range(30):
        make_inquiry(source_post=make_post())

    assert queries(ConsultationInquiry) == few
