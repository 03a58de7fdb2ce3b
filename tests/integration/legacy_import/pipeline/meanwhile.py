"""An import during which a person does something, at the moment that a stage of it begins."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from legacy_import.pipeline.progress import Progress, StageName
from legacy_import.pipeline.report import SourceReport
from legacy_import.services import ImportRequest, import_source
from legacy_import.sources import source_named
from tests.imports import rows, run_import
from tests.legacy_files import change, column_names

BEGAN_ANEW = "people were changing rows that this import writes: it began anew once, and their changes stay"


class Meanwhile(Progress):
    """Does something the first time that a table's stage is entered."""

    def __init__(self, stage: StageName, table: str, act: Callable[[], None]) -> None:
        self._at, self._act = (stage, table), act
        self.times = 0

    def enter_stage(self, source: str, stage: StageName, table: str = "") -> None:  # noqa: ARG002
        if (stage, table) == self._at:
            self.times += 1
            if self.times == 1:
                self._act()


@contextmanager
def person_session(*, begins: bool = False) -> Iterator[BaseDatabaseWrapper]:
    """A person's own session, which waits for a lock for 100 ms."""
    session = connections["default"].copy()
    try:
        if begins:
            session.set_autocommit(False)
        with session.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        yield session
    finally:
        session.close()


def write_as_person(sql: str, *parameters: Any) -> None:
    """Commit a statement in a session of its own."""
    with person_session() as session, session.cursor() as cursor:
        cursor.execute(sql, parameters)


def import_meanwhile(
    folder: Path, stage: StageName, table: str, act: Callable[[], None]
) -> tuple[SourceReport, Meanwhile]:
    progress = Meanwhile(stage, table, act)
    report = import_source(source_named("primary"), ImportRequest(folder, requested_by="a test"), progress=progress)
    assert progress.times
    return report, progress


def copy_row(file: Path, table: str, key: str) -> None:
    """Add a row to the file that is like its first one, under this key."""
    _, *others = column_names(file, table)
    columns = ", ".join(f'"{name}"' for name in others)
    first = f"SELECT ?, {columns} FROM {table} LIMIT 1"
    change(file, f"INSERT INTO {table} ({column_names(file, table)[0]}, {columns}) {first}", key)


ADD_POST = (
    "INSERT INTO posts (post_id, external_post_id, content, posted_at, data_source) VALUES (%s, %s, '', now(), 'here')"
)


def notes_of(key: UUID) -> list[tuple[Any, ...]]:
    return rows("default", "SELECT notes, company FROM consultation_inquiries WHERE inquiry_id = %s", [key])


def import_in_thread(folder: Path, done: list[SourceReport]) -> None:
    try:
        done.append(run_import("primary", folder))
    finally:
        connections.close_all()
