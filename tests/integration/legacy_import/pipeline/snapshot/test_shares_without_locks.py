"""A share whose locks fail: the sentence names the cause and the way out, at once.

The locks fail by a library that is loaded before the C library's own; a real share cannot be had in a test.
"""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.legacy_import.pipeline.snapshot.live_files import make_database

ROOT = Path(__file__).parents[5]
COMPILER = shutil.which("cc")

FAILING_LOCKS = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>

static int answer(const char *name, int descriptor, int command, void *argument) {
    if (command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK) {
        errno = atoi(getenv("LOCK_ERRNO"));
        return -1;
    }
    int (*usual)(int, int, void *) = dlsym(RTLD_NEXT, name);
    return usual(descriptor, command, argument);
}
#define REPLACE(name) int name(int descriptor, int command, ...) { \\
    va_list rest; va_start(rest, command); void *argument = va_arg(rest, void *); va_end(rest); \\
    return answer(#name, descriptor, command, argument); }
REPLACE(fcntl)
REPLACE(fcntl64)
"""
TAKE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from legacy_import.errors import LegacyImportError
from legacy_import.pipeline.snapshot.snapshot import take_snapshot
try:
    take_snapshot(Path(sys.argv[1]), directory=Path(sys.argv[2]), lock_timeout_seconds=20, now=datetime.now(UTC))
except LegacyImportError as error:
    print(f"{type(error).__name__} {error}")
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if COMPILER is None:
        pytest.skip("No C compiler to make the library with.")
    folder = tmp_path_factory.mktemp("library")
    source, library = folder / "locks.c", folder / "locks.so"
    source.write_text(FAILING_LOCKS)
    subprocess.run([COMPILER, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return library


@pytest.mark.parametrize("mode", ["delete", "wal"])
@pytest.mark.parametrize(
    "number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.EIO], ids=lambda number: errno.errorcode[number]
)
def test_failing_lock_names_the_cause_and_the_way_out(
    number: int, mode: str, library: Path, live_folder: Path, snapshots: Path
) -> None:
    live = make_database(live_folder / "linkedin.db", mode=mode)
    # As a writer that is at work leaves them: without both SQLite would not open the file where it is.
    if mode == "wal":
        for suffix in ("-wal", "-shm"):
            live.with_name(live.name + suffix).touch()
    environment = {**os.environ, "LD_PRELOAD": str(library), "LOCK_ERRNO": str(number), "PYTHONPATH": str(ROOT)}

    done = subprocess.run(
        [sys.executable, "-c", TAKE, live, snapshots],
        capture_output=True,
        check=True,
        text=True,
        timeout=15,
        cwd=ROOT,
        env=environment,
    )

    said = done.stdout.strip()
    assert said.startswith(f"TerminalError The legacy file {live} cannot be locked: "), done
    assert "Mount the share with working locks, or copy the file" in said
    assert "--legacy-dir" in said
    if number == errno.ENOLCK:
        assert "no locks available (ENOLCK)" in said
