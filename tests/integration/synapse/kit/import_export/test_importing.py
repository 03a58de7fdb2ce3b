"""An import shows what it would do, does exactly that, and can be undone."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from analytics.models import AttributionTracking
from business_core.models import ConsultationInquiry, Post
from revenue.models import RevenueOpportunity
from tests.factories import (
    MOMENT,
    make_inquiry,
    make_opportunity,
    make_post,
)
from tests.integration.synapse.kit.change_log.history import changes_of, told
from tests.integration.synapse.kit.import_export.files import (
    NEW_INQUIRY,
    address,
    confirm,
    counts,
    csv_file,
    exported,
    lines,
    messages,
    new_inquiry,
    problems,
    upload,
    xlsx_file,
)

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_NO_NUMBER = (
    "estimated_value: expected a number from -99999999.99 to 99999999.99 with at most 2 decimals, found “12 thousand”."
    " Write a number such as 1200.50."
)


def _two_bad_of_ten() -> bytes:
    rows = [new_inquiry(f"new-{number}", estimated_value=str(number * 1000)) for number in range(8)]
    return csv_file(*rows, new_inquiry("bad-1", estimated_value="12 thousand"), new_inquiry("bad-2", contact_name=""))


def test_the_preview_counts_and_compares_and_writes_nothing(admin_client: Client) -> None:
    old = make_inquiry(external_inquiry_id="old", notes="Call back", estimated_value=Decimal("1000.00"))
    same = make_inquiry(external_inquiry_id="same", notes=None, estimated_value=Decimal("5.50"))
    names = {row.external_inquiry_id: {"contact_name": row.contact_name, **NEW_INQUIRY} for row in (old, same)}
    file = csv_file(
        new_inquiry("new", notes="", estimated_value="5"),
        {"external_inquiry_id": "old", **names["old"], "inquiry_channel": "linkedin_dm", "data_source": "test"}
        | {"notes": "Called", "estimated_value": ""},
        {"external_inquiry_id": "same", **names["same"], "inquiry_channel": "linkedin_dm", "data_source": "test"}
        | {"notes": "", "estimated_value": "5.5"},
    )

    page = upload(admin_client, ConsultationInquiry, file)

    assert counts(page) == {"new": 1, "changed": 1, "same": 1}
    (changed,) = page.context["shown"]["changed"]
    assert (changed.number, changed.key) == (3, "old")
    assert set(changed.cells) == {("notes", "Call back", "Called"), ("estimated_value", "1000.00", "NULL")}
    assert ConsultationInquiry.objects.count() == 2
    assert told(old) == [("insert", None)]


def test_two_bad_rows_of_ten_are_left_out_and_the_import_is_undone(admin_client: Client) -> None:
    page = upload(admin_client, ConsultationInquiry, _two_bad_of_ten())
    assert counts(page) == {"new": 8, "error": 2}
    assert problems(page) == {
        10: [_NO_NUMBER],
        11: ["contact_name: expected a value, for the row is new, found nothing. Fill the cell in."],
    }
    assert "Import the 8 good rows, leave out the 2 bad" in page.content.decode()

    told_after = messages(confirm(admin_client, page))

    assert told_after[0].startswith("Imported rows.csv: 8 new, 2 bad left out. <a href=")
    assert ConsultationInquiry.objects.count() == 8
    (undo,) = re.findall(r'href="([^"]+)"', told_after[0])
    assert admin_client.get(undo).status_code == 200
    admin_client.post(undo)
    assert ConsultationInquiry.objects.count() == 0


def test_mended_bad_rows_are_imported_as_they_are(admin_client: Client) -> None:
    page = upload(admin_client, ConsultationInquiry, _two_bad_of_ten())
    response: Any = admin_client.get(page.context["bad_rows"])
    rows = lines(b"".join(response.streaming_content))
    assert [row["problems"][:15] for row in rows] == ["estimated_value", "contact_name: e"]

    rows[0]["estimated_value"] = "12000"
    rows[1]["contact_name"] = "Ada"

    again = upload(admin_client, ConsultationInquiry, csv_file(*rows))
    assert counts(again) == {"new": 2}
    assert not any("problems" in note for note in again.context["notes"])


def test_formulas_of_a_workbook_are_texts_among_the_bad_rows(admin_client: Client) -> None:
    row = new_inquiry("bad", contact_name='=HYPERLINK("http://example.com")', notes="'=kept", priority_score="-x")
    page = upload(admin_client, ConsultationInquiry, xlsx_file([*row], [*row.values()]), "rows.xlsx")

    response: Any = admin_client.get(page.context["bad_rows"])

    (bad,) = lines(b"".join(response.streaming_content))
    assert bad["contact_name"] == '\'=HYPERLINK("http://example.com")'
    assert (bad["notes"], bad["priority_score"]) == ("'=kept", "'-x")


def test_only_changed_columns_are_written_in_the_persons_name(admin_client: Client) -> None:
    inquiry = make_inquiry(external_inquiry_id="a", notes=" old\r\n", last_contact=MOMENT, status="on holiday")
    file = exported(admin_client, ConsultationInquiry)
    (row,) = lines(file)

    confirm(admin_client, upload(admin_client, ConsultationInquiry, csv_file(row | {"priority_score": "7"})))

    entry = changes_of(inquiry)[-1]
    assert entry.author == "admin"
    assert entry.old is not None
    assert entry.new is not None
    assert (set(entry.old), entry.old["priority_score"]) == ({"priority_score", "updated_at"}, None)
    assert (set(entry.new), entry.new["priority_score"]) == ({"priority_score", "updated_at"}, 7)


def test_a_missing_column_leaves_values_and_new_rows_get_the_servers_defaults(admin_client: Client) -> None:
    make_inquiry(external_inquiry_id="a", notes="Kept", status="contacted")
    file = csv_file({"external_inquiry_id": "a", "company": "Acme"}, new_inquiry("b", status=""))

    page = upload(admin_client, ConsultationInquiry, file)

    assert counts(page) == {"new": 1, "error": 1}, "the empty contact name of the row that is there"
    kept = csv_file({"external_inquiry_id": "a", "company": "Acme"})
    confirm(admin_client, upload(admin_client, ConsultationInquiry, kept))
    confirm(admin_client, upload(admin_client, ConsultationInquiry, csv_file(new_inquiry("b"))))
    old, new = ConsultationInquiry.objects.order_by("external_inquiry_id")
    assert (old.company, old.notes, old.status) == ("Acme", "Kept", "contacted")
    assert (new.status, new.notes, new.created_at is None) == ("new", None, False)


def test_a_value_nobody_knows_is_remarked_on(admin_client: Client) -> None:
    make_inquiry(status="on holiday")
    rows = [new_inquiry(word, status=word) for word in ("Cotnacted", "on holiday", "contacted", "\u202ex")]

    page = upload(admin_client, ConsultationInquiry, csv_file(*rows, new_inquiry("e", status="Cotnacted")))

    assert counts(page) == {"new": 5}
    assert page.context["notes"][-2] == (
        "status: 2 rows have “Cotnacted”, which no row has yet. Did you mean contacted?"
    )
    assert page.context["notes"][-1].startswith("status: 1 row has “⟨U+202E⟩x”, which no row has yet. Known are new,")


def test_a_row_changed_since_the_preview_is_not_overwritten(admin_client: Client) -> None:
    inquiry = make_inquiry(external_inquiry_id="a", notes="As shown")
    file = csv_file({"external_inquiry_id": "a", "notes": "Mine"}, {"external_inquiry_id": "b", "notes": "x"})
    page = upload(admin_client, ConsultationInquiry, csv_file({"external_inquiry_id": "a", "notes": "Mine"}))
    ConsultationInquiry.objects.update(notes="Somebody else's")

    answer = confirm(admin_client, page)

    assert file
    assert answer.status_code == 409
    assert "Somebody has changed rows of this file since the preview." in answer.content.decode()
    assert answer.context["shown"]["changed"][0].cells == [("notes", "Somebody else's", "Mine")]
    inquiry.refresh_from_db()
    assert inquiry.notes == "Somebody else's"
    confirm(admin_client, answer)
    inquiry.refresh_from_db()
    assert inquiry.notes == "Mine"


def test_a_change_of_another_column_does_not_stop_an_import(admin_client: Client) -> None:
    inquiry = make_inquiry(external_inquiry_id="a", notes="As shown", company="Old")
    page = upload(admin_client, ConsultationInquiry, csv_file({"external_inquiry_id": "a", "notes": "Mine"}))
    ConsultationInquiry.objects.update(company="New")

    confirm(admin_client, page)

    inquiry.refresh_from_db()
    assert (inquiry.notes, inquiry.company) == ("Mine", "New")


def test_bad_rows_are_left_out_only_where_that_was_agreed(admin_client: Client) -> None:
    page = upload(admin_client, ConsultationInquiry, _two_bad_of_ten())

    answer = confirm(admin_client, page, leaves_out="0")

    assert answer.status_code == 409
    assert ConsultationInquiry.objects.count() == 0


def test_rows_of_a_table_without_a_key_of_its_own_are_added_once(admin_client: Client) -> None:
    row = {"content_id": "c", "platform": "linkedin", "touchpoint": "view", "metadata": '{"a": 1}', "processed": "yes"}
    file = csv_file(row, row | {"content_id": "d", "metadata": "null"})

    confirm(admin_client, upload(admin_client, AttributionTracking, file))

    assert counts(upload(admin_client, AttributionTracking, file)) == {"same": 2}
    c, d = AttributionTracking.objects.order_by("content_id")
    assert (c.metadata, c.processed, d.metadata) == ({"a": 1}, True, None)
    assert {row["metadata"] for row in lines(exported(admin_client, AttributionTracking))} == {'{"a": 1}', "null"}


def test_a_column_nobody_edits_comes_with_new_rows_only(admin_client: Client) -> None:
    make_post(external_post_id="old")
    moment = "2025-01-20T09:00:00+02:00"
    row = {"content": "Text", "posted_at": moment, "data_source": "test", "created_at": moment}

    old = upload(admin_client, Post, csv_file({"external_post_id": "old", "created_at": moment}))
    confirm(admin_client, upload(admin_client, Post, csv_file({"external_post_id": "new", **row})))

    assert problems(old)[2][0].startswith("created_at: expected 20")
    assert Post.objects.get(external_post_id="new").created_at == datetime(2025, 1, 20, 7, tzinfo=UTC)


def test_a_workbook_of_a_person_is_read(admin_client: Client) -> None:
    headings = ["External inquiry id", "contact name", "inquiry_type", "inquiry_channel", "data_source"]
    headings += ["estimated_value", "priority_score", "last_contact", "due", "company"]
    # A spreadsheet knows no zones.
    times = [datetime.fromisoformat("2025-08-31T09:30"), datetime.fromisoformat("2025-09-01")]
    good = ["a", "Ada", "architecture", "email", "fair", 1200.5, 3.0, *times, 7]
    rows: list[list[Any]] = [headings, good, ["b", "=A1", "architecture", "email", "fair"]]

    page = upload(admin_client, ConsultationInquiry, xlsx_file(*rows), "rows.xlsx")

    assert counts(page) == {"new": 1, "error": 1}
    assert problems(page)[3][0].startswith("contact_name: expected a value, not a formula, found “=A1”.")
    confirm(admin_client, page)
    inquiry = ConsultationInquiry.objects.get()
    assert (inquiry.estimated_value, inquiry.priority_score, inquiry.company) == (Decimal("1200.50"), 3, "7")
    assert (inquiry.last_contact, str(inquiry.next_action_due_date)) == (
        datetime(2025, 8, 31, 6, 30, tzinfo=UTC),
        "2025-09-01",
    )


def test_an_import_of_another_database_is_one_transaction_there(admin_client: Client) -> None:
    rows = [make_opportunity(), make_opportunity()]
    file = [row | {"next_action": "Call"} for row in lines(exported(admin_client, RevenueOpportunity))]

    confirm(admin_client, upload(admin_client, RevenueOpportunity, csv_file(*file)))

    entries = [changes_of(row)[-1] for row in rows]
    assert [entry.new for entry in entries] == [{"next_action": "Call"}] * 2
    assert len({entry.transaction_id for entry in entries}) == 1
    assert {entry.author for entry in entries} == {"admin"}


def test_a_discarded_file_is_forgotten(admin_client: Client) -> None:
    page = upload(admin_client, ConsultationInquiry, csv_file(new_inquiry("a")))
    preview = page.request["PATH_INFO"]

    after = admin_client.post(preview, {"verb": "discard"}, follow=True)

    assert messages(after) == ["rows.csv was discarded. Nothing was written."]
    assert admin_client.get(preview).status_code == 404
    assert ConsultationInquiry.objects.count() == 0


def test_an_upload_is_its_persons_alone(admin_client: Client, admin_user: User) -> None:
    page = upload(admin_client, ConsultationInquiry, csv_file(new_inquiry("a")))
    other = Client()
    other.force_login(User.objects.create_superuser("other"))
    token = page.request["PATH_INFO"].rstrip("/").rpartition("/")[2]

    assert other.get(page.request["PATH_INFO"]).status_code == 404
    assert admin_client.get(address(Post, "import_preview", token)).status_code == 404
    assert admin_client.get(address(Post, "import_preview", "..%2F..%2Fsecret_key")).status_code == 404


def test_hostile_text_is_harmless_in_a_preview(admin_client: Client) -> None:
    make_inquiry(external_inquiry_id="old", notes="\u202eold <b>")
    hostile = {"external_inquiry_id": "\u202enew<script>", "contact_name": "<img src=x>\u2066", "notes": "=\u202e\x1b"}

    file = csv_file(new_inquiry("x") | hostile)
    changed = csv_file({"external_inquiry_id": "old", "notes": "\u202enew <b>"})

    for page in (upload(admin_client, ConsultationInquiry, file), upload(admin_client, ConsultationInquiry, changed)):
        html = page.content.decode()
        assert "⟨U+202E⟩" in html
        assert not {"\u202e", "\u2066", "\x1b"} & set(html)
        assert not re.search("<(img src=x|b>|script>)", html)
