"""The consolidation in numbers: every number against the list it opens, what waits, sizes, backups, who may look."""

import re
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from legacy_import.models import BusinessCoreRun, Divergence, LedgerRow
from legacy_import.services import dump_database
from legacy_import.sources import SOURCES
from tests.factories import make_validation
from tests.imports import execute, rows, run_import
from tests.integration.legacy_import.admin.archive_pages import clerk
from tests.legacy_files import PRIMARY
from tests.numbers import numbers_of

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])


@pytest.fixture
def everything(real_legacy_dir: Path, settings: Settings) -> Path:
    """Import the 13 real files."""
    settings.LEGACY_DIR = real_legacy_dir
    for source in SOURCES:
        assert run_import(source.name, real_legacy_dir).error is None
        execute(source.database, "DISCARD TEMP")
    return real_legacy_dir


def page_of(client: Client) -> str:
    answer = client.get(reverse("dashboard-consolidation"))
    assert answer.status_code == 200
    return answer.content.decode()


def figures(page: str, label: str) -> list[str]:
    """Return the figures of that label, of all sections."""
    return re.findall(rf"<dt>{re.escape(label)}</dt>\s*<dd[^>]*>(?:<a|<span)[^>]*>([^<]*)<", page)


def line(page: str, source: str) -> list[str]:
    """Return the numbers beside a source."""
    found = re.search(rf'<th scope="row">{source}\s*<.*?</tr>', page, re.DOTALL)
    assert found is not None, source
    return re.findall(r"data-value=\"([^\"]*)\"", found[0])


def text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("\xa0", " ").split())


def open_counts(client: Client, page: str, *, of: str = "") -> int:
    """Follow the links of counts, compare each with its list's length, and return how many lists there were."""
    counts = (number for number in numbers_of(page) if number.unit == "count")
    counted = {number.link: number.value for number in counts if of in number.link}
    for link, value in counted.items():
        answer = client.get(link)
        assert answer.status_code == 200, link
        assert answer.context["cl"].result_count == int(value), link
    return len(counted)


def test_real_files_are_all_accounted_for(admin_client: Client, everything: Path) -> None:
    page = page_of(admin_client)

    assert "13 files became 3 databases" in page
    assert figures(page, "Legacy files") == ["13"]
    assert figures(page, "Fewer databases") == ["76.9%"]
    assert figures(page, "Legacy rows accounted for") == ["128"]
    assert figures(page, "Legacy rows") == ["41", "22", "65"]
    assert figures(page, "Archived") == ["1", "1", "4"]
    assert figures(page, "Legacy files, in KB") == ["868"]
    assert line(page, "primary") == ["22", "22", "0", "0", "0"]
    assert line(page, "duplicate") == ["8", "1", "7", "0", "0"]
    assert line(page, "ab_testing") == ["48", "45", "0", "3", "0"]
    assert line(page, "twitter") == ["0"] * 5
    assert all(number.link for number in numbers_of(page))
    assert open_counts(admin_client, page, of="businesscore") == 29


def test_every_state_of_the_ledger_is_counted_where_its_list_finds_it(admin_client: Client, imported: Path) -> None:
    states = [LedgerRow.State.GONE, LedgerRow.State.DELETED]
    for state in states:
        execute(
            "default",
            "UPDATE ledger SET state = %s WHERE id = (SELECT id FROM ledger WHERE state = 'live' ORDER BY id LIMIT 1)",
            [state.value],
        )
    page = page_of(admin_client)

    ((quarantined,),) = rows("default", "SELECT count(*) FROM ledger WHERE state = 'quarantined'")
    undecided = Divergence.objects.using("default").filter(choice="").count()
    assert figures(page, "Waiting in quarantine")[0] == f"{quarantined}" == "2"
    assert figures(page, "Divergences to decide")[0] == f"{undecided}" != "0"
    assert "Gone from the file" in page
    assert "Deleted here" in page
    assert open_counts(admin_client, page, of="source=primary") == 7


def test_decided_divergences_wait_no_more(admin_client: Client, likes: Divergence) -> None:
    before = int(figures(page_of(admin_client), "Divergences to decide")[0])

    Divergence.objects.using("default").filter(pk=likes.pk).update(choice="kept")

    assert int(figures(page_of(admin_client), "Divergences to decide")[0]) == before - 1


def test_nothing_imported_says_what_to_do(admin_client: Client, settings: Settings, tmp_path: Path) -> None:
    settings.LEGACY_DIR = settings.BACKUP_DIR = tmp_path
    page = text(page_of(admin_client))

    assert "Nothing was imported yet: open the page Sources and press Import all." in page
    assert "file missing · never imported · no snapshot" in page
    assert "This database was never dumped: run manage.py backups dump" in page


def test_file_that_is_gone_counts_as_its_last_snapshot(
    admin_client: Client, legacy_dir: Path, settings: Settings
) -> None:
    settings.LEGACY_DIR = legacy_dir
    run_import("primary", legacy_dir)
    size = f"{round((legacy_dir / PRIMARY).stat().st_size / 1000)} KB"
    assert size in text(page_of(admin_client))

    (legacy_dir / PRIMARY).unlink()

    page = text(page_of(admin_client))
    assert f"{size} · completed" in page
    assert "snapshot just now" in page


def test_newest_dump_is_told_with_its_age(admin_client: Client, settings: Settings, tmp_path: Path) -> None:
    settings.BACKUP_DIR = tmp_path
    dump = dump_database("analytics", reason="daily", requested_by="a test")
    page = text(page_of(admin_client))
    assert re.search(r"The only dump: just now, \d+ KB\. (?!A daily)", page)
    assert page.count("never dumped") == 2

    dump.path.write_bytes(b"cut")

    assert "It is damaged: run manage.py backups verify. A daily dump is due" in text(page_of(admin_client))


def test_numbers_one_may_not_open_are_no_links(client: Client, imported: Path) -> None:
    client.force_login(clerk("view_importrun"))
    page = page_of(client)

    assert figures(page, "Waiting in quarantine")[0] == "2"
    assert all("ledgerrow" not in number.link and "quarantined" not in number.link for number in numbers_of(page))


def test_nobody_else_sees_it(client: Client) -> None:
    assert client.get(reverse("dashboard-consolidation"))["Location"].startswith(reverse("admin:login"))
    client.force_login(clerk("view_post"))
    assert client.get(reverse("dashboard-consolidation")).status_code == 403


def test_reading_costs_the_same_for_10_rows_and_100(client: Client, legacy_dir: Path) -> None:
    client.force_login(User.objects.create_superuser("boss"))
    run_import("primary", legacy_dir)
    run = BusinessCoreRun.objects.get()
    asked = []
    for many in (10, 90):
        kept = [LedgerRow(pk=uuid4(), source=f"s{n}", legacy_table="t", key=f"{n}", run=run) for n in range(many)]
        LedgerRow.objects.using("default").bulk_create(kept)
        with CaptureQueriesContext(connections["default"]) as captured:
            page_of(client)
        asked.append(len(captured))

    assert asked[0] == asked[1] <= 16


def test_the_last_validation_is_told_and_opens_the_list(client: Client) -> None:
    client.force_login(clerk("view_importrun", "view_validationrun"))
    assert "never validated: validate once" in text(page_of(client))

    failures = [{"name": "primary: clocks", "database": "default", "detail": "a time differs"}]
    make_validation(passed=False, failures=failures)

    page = page_of(client)
    assert figures(page, "Checks that agree") == ["53"]
    assert "of 54, validated 2025-08-19 20:00: look at the others" in text(page)
    assert reverse("admin:legacy_import_validationrun_changelist") in page
