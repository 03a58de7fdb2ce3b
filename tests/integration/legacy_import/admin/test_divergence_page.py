"""The page of the divergences: what it shows."""

import re
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from business_core.models import ConsultationInquiry, Post
from legacy_import.models import Divergence
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.imports import execute
from tests.integration.legacy_import.admin.archive_pages import clerk
from tests.integration.legacy_import.admin.divergence_pages import (
    DECIDE,
    LIST,
    blocks,
    import_one,
    line_of,
    page_of,
    press,
    row_page,
    told,
)
from tests.legacy_files import DUPLICATE, PRIMARY, change, contents

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

HOSTILE = "<script>alert('x')</script>\u202e\x1b[2J"
CHOOSER = ("view_businesscoredivergence", "choose_divergence")


def test_a_line_says_who_says_what(admin_client: Client, likes: Divergence) -> None:
    post = Post.objects.get(pk=likes.target_key)

    html = page_of(admin_client)

    (heading,) = [heading for heading in blocks(html) if " ".join(post.content.split()).lstrip("# ")[:40] in heading]
    assert heading.startswith("Post ")
    assert f'href="/admin/business_core/post/{post.pk}/change/"' in html
    assert line_of(html, likes) == "Likes Here primary 5 The other duplicate 7 Keep Take the other"


def test_an_edited_field_names_its_editor_and_what_the_owner_says(admin_client: Client, likes: Divergence) -> None:
    with attribute_changes_to("ada"):
        Post.objects.filter(pk=likes.target_key).update(likes=6)

    line = line_of(page_of(admin_client), likes)

    assert line.startswith("Likes Here ada, ")
    assert line.endswith(" 6 The other duplicate 7 primary says 5. Keep Take the other")


def test_a_field_that_holds_the_other_value_already_can_only_be_kept(admin_client: Client, likes: Divergence) -> None:
    with attribute_changes_to("ada"):
        Post.objects.filter(pk=likes.target_key).update(likes=7)

    line = line_of(page_of(admin_client), likes)

    assert line.endswith("primary says 5. Keep Here stands already what duplicate says.")


def test_times_are_local_and_their_difference_is_marked(admin_client: Client, likes: Divergence) -> None:
    execute(
        "default",
        "UPDATE divergence SET \"column\" = 'posted_at', kept = to_jsonb(p.posted_at),"
        " other = to_jsonb(timestamptz '2025-06-30 04:30:00.000001+00')"
        " FROM posts AS p WHERE divergence.id = %s AND p.post_id = target_key",
        [likes.pk],
    )
    Post.objects.filter(pk=likes.target_key).update(posted_at="2025-06-30 04:30:00Z")

    html = page_of(admin_client)

    assert "30 June 2025, <mark>07:30:00</mark> EEST" in html
    assert "30 June 2025, <mark>07:30:00.000001</mark> EEST" in html


def test_references_are_shown_by_their_parents_words(admin_client: Client, legacy_dir: Path) -> None:
    first, second = (row[2].decode() for row in contents(legacy_dir / PRIMARY)["linkedin_posts"][:2])
    import_one("primary", legacy_dir)
    inquiry = ConsultationInquiry.objects.filter(source_post__external_post_id=first)[0]
    with attribute_changes_to("ada"):
        ConsultationInquiry.objects.filter(pk=inquiry.pk).update(source_post=None)
    sql = "UPDATE consultation_inquiries SET source_post_id = ? WHERE inquiry_id = ?"
    change(legacy_dir / PRIMARY, sql, second, inquiry.external_inquiry_id)
    import_one("primary", legacy_dir)

    ((heading, (line,)),) = blocks(page_of(admin_client)).items()

    parent = " ".join(Post.objects.get(external_post_id=second).content.split()).lstrip("# ")
    assert heading == f"Inquiry {inquiry.contact_name}, {inquiry.company}"
    assert line.startswith("Source post Here ada, ")
    assert f" nothing The other primary {parent[:40]}" in line


def test_who_may_only_look_sees_no_buttons(client: Client, likes: Divergence) -> None:
    client.force_login(clerk("view_businesscoredivergence"))

    html = page_of(client)

    assert line_of(html, likes) == "Likes Here primary 5 The other duplicate 7"
    assert 'name="decide"' not in html
    assert 'name="ticked"' not in html
    assert "/admin/business_core/post/" not in html


def test_hostile_text_is_shown_as_text(admin_client: Client, legacy_dir: Path) -> None:
    key = contents(legacy_dir / PRIMARY)["linkedin_posts"][0][2].decode()
    for path, text in ((PRIMARY, HOSTILE), (DUPLICATE, f"{HOSTILE} </dd><img src=x onerror=alert(1)>")):
        change(legacy_dir / path, "UPDATE linkedin_posts SET content = ? WHERE post_id = ?", text, key)
    for source in ("primary", "duplicate"):
        import_one(source, legacy_dir)
    content = Divergence.objects.using("default").get(column="content")

    html = page_of(admin_client)
    taken = press(admin_client, html, "other", one=content).content.decode()
    with attribute_changes_to(HOSTILE):
        Post.objects.filter(pk=content.target_key).update(content=HOSTILE * 2)
    refused = press(admin_client, page_of(admin_client, decision="decided"), "undo", one=content).content.decode()

    for page in (html, taken, refused, page_of(admin_client, decision="all"), _get(admin_client, row_page(content))):
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert not set("\x1b\u202e") & set(page)
    assert "&lt;img src=x" in html
    assert "⟨U+202E⟩" in told(refused)


def _get(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_a_row_deleted_here_has_nothing_to_choose(admin_client: Client, likes: Divergence) -> None:
    Post.objects.filter(pk=likes.target_key).delete()

    line = line_of(page_of(admin_client, q=str(likes.target_key)), likes)

    assert line == "Likes The other duplicate 7 The row was deleted here, so there is nothing to choose."


def test_filters_narrow_the_list(admin_client: Client, likes: Divergence) -> None:
    every = {str(one.pk) for one in Divergence.objects.using("default")}

    def found(**query: str) -> set[str]:
        html = page_of(admin_client, **query)
        return {key for key in every if key in html}

    assert found() == found(source="duplicate") == found(kind__exact="source") == found(target_table="posts") == every
    assert found(source="primary") == found(kind__exact="edit") == found(decision="decided") == set()
    assert found(target_table="consultation_inquiries") == set()
    assert found(q=likes.key) == found(q=str(likes.target_key)) < every


def test_an_empty_page_says_what_it_means(admin_client: Client) -> None:
    html = page_of(admin_client)

    assert "Nothing is left to decide." in html
    assert '<a href="?decision=decided">' in html
    assert "No divergence is found here." in page_of(admin_client, source="primary")
    assert admin_client.get("/admin/legacy_import/revenuedivergence/").status_code == 200


def test_a_hundred_lines_cost_as_many_queries_as_ten(
    admin_client: Client, likes: Divergence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("legacy_import.admin.divergences.page.DivergenceAdmin.list_per_page", 200)
    counted = []
    for more in (0, 100):
        execute(
            "default",
            "WITH made AS (INSERT INTO posts (external_post_id, content, posted_at, data_source)"
            " SELECT 'made-' || n, 'Made ' || n, now(), 'test' FROM generate_series(1, %s) AS n RETURNING post_id)"
            " INSERT INTO divergence (id, kind, ledger_id, source, legacy_table, key, target_table, target_key,"
            ' "column", kept, other) SELECT gen_random_uuid(), kind, ledger_id, source, legacy_table, key,'
            ' target_table, made.post_id, "column", kept, other FROM divergence, made WHERE divergence.id = %s',
            [more, likes.pk],
        )
        with CaptureQueriesContext(connections["default"]) as captured:
            html = page_of(admin_client)
        counted.append((html.count('<div class="divergence" '), len(captured)))

    (few, queries), (many, same) = counted
    assert many == few + 100
    assert queries == same
    assert queries <= 14


def test_pages_follow_each_other(admin_client: Client, likes: Divergence, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("legacy_import.admin.divergences.page.DivergenceAdmin.list_per_page", 3)
    every = Divergence.objects.using("default").count()

    for cap in (10_000, every - 1):
        monkeypatch.setattr("legacy_import.admin.capped_paginator.MAX_LISTED_ROWS", cap)
        pages = [page_of(admin_client, p=str(number)) for number in range(1, (min(cap, every) + 2) // 3 + 1)]
        shown = [key for html in pages for key in _keys(html)]
        assert len(shown) == len(set(shown)) == min(cap, every)


def _keys(html: str) -> list[str]:
    return [part.partition('"')[0] for part in html.split('name="token-')[1:]]


def test_the_real_duplicate_against_the_primary(admin_client: Client, real_legacy_dir: Path) -> None:
    for source in ("primary", "duplicate"):
        import_one(source, real_legacy_dir)

    found = blocks(page_of(admin_client))

    lines = [line for lines in found.values() for line in lines]
    assert len(found) == 7
    assert sum(line.startswith("Updated at Here primary 24 August 2025, ") for line in lines) == 7
    requests = sorted(line for line in lines if line.startswith("Consultation requests"))
    assert requests == [
        f"Consultation requests Here primary {here} The other duplicate {other} Keep Take the other"
        for here, other in ((1, 0), (1, 0), (2, 1))
    ]


def test_the_page_is_at_home_in_the_admin(admin_client: Client, likes: Divergence) -> None:
    html = page_of(admin_client)

    assert re.search(r"<title>\s*Divergences · business core", html)
    assert f'formaction="{DECIDE}"' in html
    assert f'href="{LIST}"' in _get(admin_client, "/admin/")
