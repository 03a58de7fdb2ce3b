"""A demanded text that is NULL in the file lands as 'Unknown', and goes back as NULL until somebody edits it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from business_core.models import ConsultationInquiry
from legacy_import.codecs import EMPTY_AS_NULL
from legacy_import.mapping import Table
from legacy_import.models import Divergence, LedgerRow
from legacy_import.services import ImportRequest, export_sources, import_source
from legacy_import.sources import SOURCES, source_named
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.imports import counts, execute, run_import, versions
from tests.integration.legacy_import.validation.verdicts import failed_in
from tests.legacy_files import DUPLICATE, PRIMARY, change, contents, differing_cells

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

INQUIRIES = "consultation_inquiries"
Edit = Callable[[str], None]


@pytest.fixture
def key(legacy_dir: Path) -> str:
    """Leave the channel of the first inquiry NULL, and import the file; return its legacy key."""
    found: str = contents(legacy_dir / PRIMARY)[INQUIRIES][0][2].decode()
    set_channel(legacy_dir, None)
    assert run_import("primary", legacy_dir).status == "completed"
    return found


@pytest.fixture
def edit(key: str) -> Edit:
    def set_here(channel: str) -> None:
        with attribute_changes_to("ada"):
            ConsultationInquiry.objects.filter(external_inquiry_id=key).update(inquiry_channel=channel)

    return set_here


def set_channel(folder: Path, channel: str | None, *, path: str = PRIMARY) -> None:
    change(folder / path, f"UPDATE {INQUIRIES} SET inquiry_channel = ? WHERE rowid = 1", channel)


def channel_here(key: str) -> str:
    return ConsultationInquiry.objects.get(external_inquiry_id=key).inquiry_channel


def channel_rebuilt(output: Path) -> str | None:
    (file,) = export_sources([source_named("primary")], output)
    storage, channel = contents(file.path)[INQUIRIES][0][13:15]
    return None if storage == b"null" else channel.decode()


def test_a_null_lands_as_unknown_and_comes_back_as_null(key: str, legacy_dir: Path, tmp_path: Path) -> None:
    row = LedgerRow.objects.using("default").get(key=key)

    assert channel_here(key) == "Unknown"
    assert (row.state, row.cells, row.encoded) == (
        "live",
        {"inquiry_channel": None},
        {"inquiry_channel": "Unknown"},
    )
    assert channel_rebuilt(tmp_path / "out") is None
    assert differing_cells(tmp_path / "out" / PRIMARY, legacy_dir / PRIMARY) == []
    assert failed_in(legacy_dir, "primary") == {}


def test_the_same_file_again_changes_nothing(key: str, legacy_dir: Path) -> None:
    before = versions("default")

    assert counts(run_import("primary", legacy_dir))[INQUIRIES] == {"read": 15, "unchanged": 15}
    assert versions("default") == before


def test_the_word_itself_in_the_file_comes_back_as_the_word(legacy_dir: Path, tmp_path: Path) -> None:
    set_channel(legacy_dir, "Unknown")
    run_import("primary", legacy_dir)

    assert channel_rebuilt(tmp_path / "out") == "Unknown"
    assert not LedgerRow.objects.using("default").filter(cells__has_key="inquiry_channel").exists()


def test_an_empty_text_is_no_null(legacy_dir: Path, tmp_path: Path) -> None:
    set_channel(legacy_dir, "")
    run_import("primary", legacy_dir)

    assert ConsultationInquiry.objects.filter(inquiry_channel="").count() == 1
    assert channel_rebuilt(tmp_path / "out") == ""


def test_an_edit_of_the_stand_in_goes_to_the_file_and_outlives_imports(
    key: str, edit: Edit, legacy_dir: Path, tmp_path: Path
) -> None:
    edit("email")

    assert channel_rebuilt(tmp_path / "out") == "email"
    assert counts(run_import("primary", legacy_dir))[INQUIRIES] == {"read": 15, "unchanged": 15}
    assert channel_here(key) == "email"
    assert channel_rebuilt(tmp_path / "again") == "email"
    assert not Divergence.objects.exists()
    assert failed_in(legacy_dir, "primary") == {}


def test_an_edit_that_is_taken_back_gives_the_file_its_null_again(edit: Edit, tmp_path: Path) -> None:
    edit("email")
    edit("Unknown")

    assert channel_rebuilt(tmp_path / "out") is None


def test_a_value_that_comes_to_the_file_later_is_an_update(key: str, legacy_dir: Path, tmp_path: Path) -> None:
    set_channel(legacy_dir, "linkedin_dm")

    assert counts(run_import("primary", legacy_dir))[INQUIRIES] == {"read": 15, "unchanged": 14, "updated": 1}
    assert channel_here(key) == "linkedin_dm"
    assert LedgerRow.objects.using("default").get(key=key).cells is None
    assert channel_rebuilt(tmp_path / "out") == "linkedin_dm"


def test_the_word_that_comes_to_the_file_later_changes_what_is_rebuilt_alone(
    key: str, legacy_dir: Path, tmp_path: Path
) -> None:
    set_channel(legacy_dir, "Unknown")
    run_import("primary", legacy_dir)

    assert channel_here(key) == "Unknown"
    assert channel_rebuilt(tmp_path / "out") == "Unknown"
    assert failed_in(legacy_dir, "primary") == {}


def test_a_value_that_comes_to_the_file_after_an_edit_is_a_difference(key: str, edit: Edit, legacy_dir: Path) -> None:
    edit("email")
    set_channel(legacy_dir, "linkedin_dm")
    run_import("primary", legacy_dir)

    assert channel_here(key) == "email"
    told = Divergence.objects.get()
    assert (told.kind, told.column, told.kept, told.other) == ("edit", "inquiry_channel", "email", "linkedin_dm")


def test_a_value_that_leaves_the_file_becomes_unknown(key: str, legacy_dir: Path, tmp_path: Path) -> None:
    set_channel(legacy_dir, "linkedin_dm")
    run_import("primary", legacy_dir)
    set_channel(legacy_dir, None)
    run_import("primary", legacy_dir)

    assert channel_here(key) == "Unknown"
    assert channel_rebuilt(tmp_path / "out") is None


def test_unknown_typed_here_over_a_value_of_the_file_is_an_edit(
    key: str, edit: Edit, legacy_dir: Path, tmp_path: Path
) -> None:
    set_channel(legacy_dir, "linkedin_dm")
    run_import("primary", legacy_dir)
    edit("Unknown")

    run_import("primary", legacy_dir)

    assert channel_here(key) == "Unknown"
    assert channel_rebuilt(tmp_path / "out") == "Unknown"
    assert failed_in(legacy_dir, "primary") == {}


def test_a_stand_in_that_somebody_unknown_changed_fails_the_validation(key: str, legacy_dir: Path) -> None:
    execute("default", f"UPDATE {INQUIRIES} SET inquiry_channel = 'x' WHERE external_inquiry_id = %s", [key])

    assert "column inquiry_channel: 'x' here, nothing in the file" in str(failed_in(legacy_dir, "primary"))


@pytest.mark.parametrize("order", [("primary", "duplicate"), ("duplicate", "primary")], ids=["owner first", "last"])
@pytest.mark.parametrize(
    ("owner", "lower", "here", "difference"),
    [
        ("linkedin_dm", None, "linkedin_dm", None),
        (None, None, "Unknown", None),
        ("Unknown", None, "Unknown", None),
        (None, "Unknown", "Unknown", None),
        # The owner goes before: it says nothing, and a person may take what the other file says.
        (None, "linkedin_dm", "Unknown", ("Unknown", "linkedin_dm")),
    ],
)
def test_two_files_of_one_inquiry(  # noqa: PLR0917 - two files, in an order, and what comes of them
    order: tuple[str, str],
    owner: str | None,
    lower: str | None,
    here: str,
    difference: tuple[str, str] | None,
    legacy_dir: Path,
    tmp_path: Path,
) -> None:
    """A stand-in says nothing: where the lower file's cell is NULL, there is no difference to tell of."""
    key = share_first_inquiry(legacy_dir)
    set_channel(legacy_dir, owner)
    set_channel(legacy_dir, lower, path=DUPLICATE)

    for name in order:
        assert run_import(name, legacy_dir).status == "completed"

    assert channel_here(key) == here
    told = [(d.kept, d.other) for d in Divergence.objects.filter(column="inquiry_channel")]
    assert told == ([difference] if difference else [])
    for name, path in (("primary", PRIMARY), ("duplicate", DUPLICATE)):
        list(export_sources([source_named(name)], tmp_path / "out"))
        assert differing_cells(tmp_path / "out" / path, legacy_dir / path) == []
    assert failed_in(legacy_dir, "primary", "duplicate") == {}


def share_first_inquiry(folder: Path) -> str:
    """Give the duplicate's only inquiry the cells of the primary's first one; return the key."""
    first, other = contents(folder / PRIMARY)[INQUIRIES][0], folder / DUPLICATE
    cells = [cell.decode() if isinstance(cell, bytes) else cell for cell in first[2::2]]
    change(other, f"DELETE FROM {INQUIRIES}")
    change(other, f"INSERT INTO {INQUIRIES} VALUES ({', '.join('?' * len(cells))})", *cells)
    return str(cells[0])


def test_when_the_owner_leaves_its_file_the_lower_files_null_is_unknown(legacy_dir: Path, tmp_path: Path) -> None:
    key = share_first_inquiry(legacy_dir)
    set_channel(legacy_dir, "linkedin_dm")
    set_channel(legacy_dir, None, path=DUPLICATE)
    run_import("primary", legacy_dir)
    run_import("duplicate", legacy_dir)
    change(legacy_dir / PRIMARY, f"DELETE FROM {INQUIRIES} WHERE rowid = 1")

    run_import("primary", legacy_dir)

    assert channel_here(key) == "Unknown"
    list(export_sources([source_named("duplicate")], tmp_path / "out"))
    assert differing_cells(tmp_path / "out" / DUPLICATE, legacy_dir / DUPLICATE) == []


def test_a_mapping_may_declare_another_word_and_read_an_empty_text_as_nothing(legacy_dir: Path, tmp_path: Path) -> None:
    source = source_named("primary")
    source = replace(source, tables=tuple(map(_with_nobody, source.tables)))
    for row, name in ((1, None), (2, ""), (3, "Nobody")):
        change(legacy_dir / PRIMARY, f"UPDATE {INQUIRIES} SET contact_name = ? WHERE rowid = ?", name, row)

    report = import_source(source, ImportRequest(legacy_dir))

    assert report.status == "completed"
    assert ConsultationInquiry.objects.filter(contact_name="Nobody").count() == 3
    (file,) = export_sources([source], tmp_path / "out")
    assert differing_cells(file.path, legacy_dir / PRIMARY) == []


def _with_nobody(table: Table) -> Table:
    columns = [
        replace(column, codec=EMPTY_AS_NULL, stand_in="Nobody") if column.target == "contact_name" else column
        for column in table.columns
    ]
    return replace(table, columns=tuple(columns))


def test_the_mapped_tables_declare_their_stand_in() -> None:
    assert {column.stand_in for source in SOURCES for table in source.tables for column in table.columns} == {"Unknown"}
