"""Several at once: imports of one source, of all sources, staff who edit, validation and export meanwhile.

What lives here: processes that meet in PostgreSQL. What does not: one import held at a stage while another comes
(test_locks).
"""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from legacy_import.sources import SOURCES
from synapse.foundation.databases import DATABASE_NAMES
from tests.faults.legacy_import.ground import Ended, Ground, made_ground
from tests.imports import RUN_COLUMNS, business_tables
from tests.legacy_files import PRIMARY, change, contents
from tests.reliability import Tally

pytestmark = pytest.mark.faults

ROUNDS: Final = 2
STAFF: Final = Path(__file__).with_name("staff_edits.py").read_text()
KEPT: Final = ("ledger", "legacy_file", "divergence")
ALL_ENDS: Final = (0, 3)
"""Of an import: all landed, or some rows are in quarantine."""


def test_many_imports_of_one_source_at_once_bring_it_once(middle_ground: Ground, tally: Tally) -> None:
    middle_ground.import_legacy()
    expected = middle_ground.fingerprint()
    for _ in range(ROUNDS):
        middle_ground.empty()
        ended = [Ended.of(one) for one in [middle_ground.start_import() for _ in range(4)]]

        assert 0 in [one.code for one in ended], ended
        for one in ended:
            assert one.code == 0 or "another import of this source is running" in one.error, one
        assert middle_ground.fingerprint() == expected
        runs = middle_ground.look().runs
        assert sorted(set(runs) - {"completed"}) in ([], ["failed"], ["failed", "interrupted"], ["interrupted"])
        assert runs.count("completed") == [one.code for one in ended].count(0)
    tally("imports of one source at once", 4 * ROUNDS)


@pytest.fixture(scope="module")
def crowded_ground() -> Iterator[Ground]:
    """All 13 files, the LinkedIn ones large and repeating each other."""
    with made_ground(rows=6_000) as ground:
        shutil.copyfile(ground.primary, ground.duplicate)
        change(ground.duplicate, "UPDATE consultation_inquiries SET status = 'won' WHERE rowid % 10 = 0")
        change(ground.primary, "DELETE FROM consultation_inquiries WHERE rowid % 10 = 2")
        yield ground


def test_all_sources_at_once_end_as_one_after_the_other(crowded_ground: Ground, tally: Tally) -> None:
    began = datetime.now(tz=UTC).isoformat()
    one_after_the_other = Ended.of(crowded_ground.start("import_legacy", "--all", "--json"))
    assert one_after_the_other.code in ALL_ENDS, one_after_the_other
    expected = everything(crowded_ground, since=began)
    for _ in range(ROUNDS):
        empty_everything(crowded_ground)
        ended = [Ended.of(one) for one in [crowded_ground.start_import(source.name) for source in SOURCES]]

        assert [one.code in ALL_ENDS for one in ended] == [True] * len(SOURCES), ended
        assert everything(crowded_ground, since=began) == expected
    tally("imports of all 13 sources at once", len(SOURCES) * ROUNDS)


def test_edits_made_during_imports_are_never_lost(middle_ground: Ground, tally: Tally) -> None:
    middle_ground.empty()
    middle_ground.import_legacy()
    with ExitStack() as stack:
        staff = [stack.enter_context(editing(middle_ground, number)) for number in (0, 1)]
        for turn in range(6):
            change(
                middle_ground.primary,
                f"UPDATE consultation_inquiries SET notes = 'legacy {turn}', priority_score = {turn % 5}",
            )
            change(
                middle_ground.primary, f"UPDATE linkedin_posts SET target_audience = 'legacy {turn}', likes = {turn}"
            )
            middle_ground.import_legacy()

    for one in staff:
        assert one["errors"] == []
        assert one["edits"] > 20
    last = {key: text for one in staff for key, text in one["last"].items()}
    kept = middle_ground.query(
        "SELECT post_id::text, target_audience FROM posts"
        " UNION ALL SELECT inquiry_id::text, notes FROM consultation_inquiries"
    )
    assert {key: text for key, text in kept if key in last} == last
    assert {text for key, text in kept if key not in last} == {"legacy 5"}
    tally("edits by staff during imports, none lost", sum(one["edits"] for one in staff))


def test_validation_and_export_during_imports_see_one_state(
    middle_ground: Ground, tmp_path: Path, tally: Tally
) -> None:
    middle_ground.empty()
    middle_ground.import_legacy()
    seen: list[set[Any]] = []
    for turn in range(3):
        change(middle_ground.primary, f"UPDATE consultation_inquiries SET notes = 'state {turn}'")
        change(middle_ground.primary, f"UPDATE linkedin_posts SET target_audience = 'state {turn}'")
        importing = middle_ground.start_import()
        validating = middle_ground.start("validate_migration", "--json")
        exporting = middle_ground.start("export_legacy", "--source=primary", f"--output={tmp_path / str(turn)}")
        imported, validated, exported = (Ended.of(one) for one in (importing, validating, exporting))

        assert (imported.code, exported.code) == (0, 0), (imported, exported)
        checks = {check["name"]: check for check in json.loads(validated.output)["checks"]}
        assert checks["primary: data integrity"]["passed"], checks["primary: data integrity"]
        seen.append(states(tmp_path / str(turn) / PRIMARY))
        assert len(seen[-1]) == 1, seen
    assert contents(middle_ground.primary)
    tally("validations and exports during imports", 6)


def states(path: Path) -> set[Any]:
    """Return the different states that the file's rows are of."""
    with closing(sqlite3.connect(path)) as file:
        found = file.execute(
            "SELECT notes FROM consultation_inquiries UNION SELECT target_audience FROM linkedin_posts"
        )
        return {value for (value,) in found}


@contextmanager
def editing(ground: Ground, number: int) -> Iterator[dict[str, Any]]:
    """Let a member of staff edit meanwhile; what it says at its end is in the dictionary afterwards."""
    said: dict[str, Any] = {}
    stop = ground.legacy_dir.parent / f"stop-{number}"
    process = ground.checkout.start("-c", STAFF, str(number), str(stop))
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    try:
        yield said
    finally:
        stop.touch()
        ended = Ended.of(process)
        stop.unlink()
        assert ended.code == 0, ended
        said.update(json.loads(ended.output))


def everything(ground: Ground, *, since: str) -> dict[str, Any]:
    """Return a checksum of every table of the three databases, run ids and moments since then left out."""
    cells = f"""
        SELECT string_agg(key || ' ' || value, chr(10) ORDER BY key)
        FROM jsonb_each_text(to_jsonb(t) - ARRAY[{", ".join(f"'{name}'" for name in sorted(RUN_COLUMNS))}])
        WHERE value !~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T' OR value < '{since}'
    """
    found = {}
    for alias, database in DATABASE_NAMES.items():
        for table in (*business_tables(alias), *KEPT):
            sums = f"SELECT count(*), sum(hashtextextended(({cells}), 0)) FROM {table} AS t"
            found[f"{database}.{table}"] = ground.query(sums, database=database)
    return found


def empty_everything(ground: Ground) -> None:
    for alias, database in DATABASE_NAMES.items():
        tables = (*business_tables(alias), *KEPT, "import_run", "change_log", "before_image", "settlement")
        ground.query(f"TRUNCATE {', '.join(tables)} CASCADE", database=database)
