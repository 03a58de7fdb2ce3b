"""Where sources disagree about a row, said on the row's own page."""

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from business_core.models import Post
from tests.factories import make_inquiry, make_post
from tests.imports import execute
from tests.integration.legacy_import.admin.archive_pages import clerk, html_of
from tests.integration.legacy_import.admin.divergence_pages import words

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

TITLE = "Where sources disagree"


def diverge(post: Post, *columns: str, choice: str = "", source: str = "duplicate") -> None:
    for column in columns:
        execute(
            "default",
            "INSERT INTO divergence (id, kind, ledger_id, source, legacy_table, key, target_table, target_key,"
            " \"column\", kept, other, choice) VALUES (gen_random_uuid(), 'source', gen_random_uuid(), %s,"
            " 'linkedin_posts', 'key', 'posts', %s, %s, '1', '2', %s)",
            [source, post.pk, column, choice],
        )


def page_of(post: Post) -> str:
    return reverse("admin:business_core_post_change", args=[post.pk])


def test_the_row_says_on_which_fields_sources_disagree(admin_client: Client) -> None:
    post = make_post()
    diverge(post, "likes", "dm_inquiries")
    diverge(post, "likes", source="week3")
    diverge(post, "shares", choice="kept")

    html = html_of(admin_client, page_of(post))

    panel = words(html.partition(f">{TITLE}</h2>")[2].partition("</section>")[0])
    assert panel == "Sources disagree on 2 fields: DM inquiries, Likes. Choose Decided: Shares. See or undo"
    for query, shown in ((f"q={post.pk}", 3), (f"decision=decided&amp;q={post.pk}", 1)):
        address = f"/admin/legacy_import/businesscoredivergence/?{query}"
        assert f'href="{address}"' in html
        assert html_of(admin_client, address.replace("&amp;", "&")).count('<div class="divergence" ') == shown


def test_a_row_without_divergences_has_no_panel(admin_client: Client) -> None:
    diverge(make_post(), "likes")

    assert TITLE not in html_of(admin_client, page_of(make_post()))
    inquiry = reverse("admin:business_core_consultationinquiry_change", args=[make_inquiry().pk])
    assert TITLE not in html_of(admin_client, inquiry)


def test_the_panel_needs_the_permission_of_its_page(client: Client) -> None:
    post = make_post()
    diverge(post, "likes")
    user = clerk("view_post", "view_analyticsdivergence")
    client.force_login(user)
    assert TITLE not in html_of(client, page_of(post))

    user.delete()
    client.force_login(clerk("view_post", "view_businesscoredivergence"))
    assert TITLE in html_of(client, page_of(post))


def test_the_panel_costs_the_same_for_one_field_as_for_twenty(admin_client: Client) -> None:
    post = make_post()
    diverge(post, "likes")
    html_of(admin_client, page_of(post))
    counted = []
    for _ in range(2):
        with CaptureQueriesContext(connections["default"]) as captured:
            html_of(admin_client, page_of(post))
        counted.append(len(captured))
        diverge(post, *(str(field.column) for field in Post._meta.concrete_fields if field.column != "likes"))

    assert counted[0] == counted[1]
