"""Legacy files with bytes changed at random: a seed says which file, and what is done to it.

What lives here: making a mutated file. What must hold of it is asked by the tests of it.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from legacy_import.mapping import Source
from legacy_import.sources import SOURCES, sources_of_database

_ODD_BYTES: Final = (0x00, 0x01, 0x22, 0x27, 0x41, 0x7F, 0x80, 0xC3, 0xE9, 0xFF)
_HEADER_BYTES: Final = 100
_SCHEMA_CHANGES: Final = (
    "UPDATE sqlite_master SET sql = CAST(sql AS BLOB)",
    "UPDATE sqlite_master SET name = CAST(name AS BLOB)",
    "UPDATE sqlite_master SET tbl_name = CAST(tbl_name AS BLOB)",
    "UPDATE sqlite_master SET sql = CAST(sql || x'20e9' AS TEXT)",
    "UPDATE sqlite_master SET sql = sql || char(0) || 'x'",
    "UPDATE sqlite_master SET sql = replace(sql, 'TEXT', CAST(x'54e958' AS TEXT))",
    "UPDATE sqlite_master SET name = CAST(name || x'80' AS TEXT)",
    "UPDATE sqlite_master SET name = name || char(0x1b)",
    "UPDATE sqlite_master SET name = name || 'x'",
    "UPDATE sqlite_master SET sql = x'00ff80'",
    "UPDATE sqlite_master SET sql = 42",
    "UPDATE sqlite_master SET sql = NULL",
    "UPDATE sqlite_master SET rootpage = rootpage + 1",
    "UPDATE sqlite_master SET rootpage = 0",
    "UPDATE sqlite_master SET type = 'view'",
    "UPDATE sqlite_master SET type = x'80'",
    "DELETE FROM sqlite_master",
)


@dataclass(frozen=True, slots=True)
class MutatedFile:
    """What a seed stands for: the mutated file of `source` beside the whole file of a sibling in its database."""

    seed: str
    source: Source
    sibling: Source
    changes: tuple[str, ...]

    def __str__(self) -> str:
        return f"seed {self.seed}: {self.source.name}, {'; '.join(self.changes)}"


def write_mutated_file(seed: str, originals: Path, folder: Path) -> MutatedFile:
    """Copy the two files from the folder of whole ones into another one, the first of them mutated as the seed says."""
    rng = Random(seed)  # noqa: S311  # reproducible, no secret
    source = rng.choice(SOURCES)
    sibling = rng.choice([one for one in sources_of_database(source.database) if one != source])
    for one in (source, sibling):
        (folder / one.path).parent.mkdir(parents=True, exist_ok=True)
        (folder / one.path).write_bytes((originals / one.path).read_bytes())
    mutations = rng.choices(list(_MUTATIONS), weights=list(_MUTATIONS.values()), k=rng.choice((1, 1, 1, 2, 3)))
    # An empty file has nothing left to change.
    changes = tuple(mutate(path, rng) for mutate in mutations if (path := folder / source.path).stat().st_size)
    return MutatedFile(seed, source, sibling, changes)


def _change_bytes(path: Path, rng: Random) -> str:
    content = bytearray(path.read_bytes())
    places = [rng.randrange(len(content)) for _ in range(rng.choice((1, 2, 8, 64)))]
    return _overwrite(path, content, places, rng)


def _change_header(path: Path, rng: Random) -> str:
    content = bytearray(path.read_bytes())
    return _overwrite(path, content, [rng.randrange(_HEADER_BYTES)], rng)


def _change_used_bytes(path: Path, rng: Random) -> str:
    """Change a byte that is not NUL: most of a small file is empty space."""
    content = bytearray(path.read_bytes())
    used = [place for place, byte in enumerate(content) if byte]
    return _overwrite(path, content, rng.sample(used, min(len(used), rng.choice((1, 1, 3)))), rng)


def _change_schema_text(path: Path, rng: Random) -> str:
    """Change a byte of a CREATE statement, or of the names that stand before it in its row."""
    content = bytearray(path.read_bytes())
    starts = [at for at in range(len(content)) if content.startswith(b"CREATE ", at)]
    if not starts:
        return _change_bytes(path, rng)
    place = rng.choice(starts) + rng.randrange(-60, 400)
    return _overwrite(path, content, [min(max(place, 0), len(content) - 1)], rng)


def _overwrite(path: Path, content: bytearray, places: list[int], rng: Random) -> str:
    for place in places:
        content[place] = rng.choice((rng.choice(_ODD_BYTES), content[place] ^ (1 << rng.randrange(8))))
    path.write_bytes(content)
    return f"bytes at {', '.join(f'{place} := {content[place]:#04x}' for place in places[:4])}"


def _fill_run(path: Path, rng: Random) -> str:
    content = bytearray(path.read_bytes())
    start, length = rng.randrange(len(content)), rng.choice((4, 100, 5_000))
    byte = rng.choice(_ODD_BYTES)
    end = min(start + length, len(content))
    content[start:end] = bytes([byte]) * (end - start)
    path.write_bytes(content)
    return f"{start} to {end} filled with {byte:#04x}"


def _cut_or_extend(path: Path, rng: Random) -> str:
    content = path.read_bytes()
    size = rng.choice(
        (0, 1, 99, 100, 511, 512, 4096, len(content) - 1, rng.randrange(len(content)), len(content) + 777)
    )
    path.write_bytes(content[:size].ljust(size, b"\x80"))
    return f"cut or extended to {size} bytes"


def _swap_pages(path: Path, rng: Random) -> str:
    content = bytearray(path.read_bytes())
    page_bytes = int.from_bytes(content[16:18], "big") or 4096
    pages = len(content) // page_bytes
    if pages < 2:
        return _change_bytes(path, rng)
    one, other = (rng.randrange(pages) * page_bytes for _ in range(2))
    content[one : one + page_bytes], content[other : other + page_bytes] = (
        content[other : other + page_bytes],
        content[one : one + page_bytes],
    )
    path.write_bytes(content)
    return f"pages at {one} and {other} swapped"


def _rewrite_schema(path: Path, rng: Random) -> str:
    """Change sqlite_master by SQL, as a tool does that goes wrong: the file's pages stay sound."""
    change = rng.choice(_SCHEMA_CHANGES)
    with suppress(sqlite3.Error, UnicodeDecodeError), closing(sqlite3.connect(path)) as file, file:
        rows = file.execute("SELECT rowid FROM sqlite_master").fetchall()
        file.execute("PRAGMA writable_schema = ON")
        (row,) = rng.choice(rows or [(1,)])  # an earlier change may have deleted them all
        file.execute(f"{change} WHERE rowid = ?", (row,))
        return f"{change} WHERE rowid = {row}"
    return f"{change} (refused)"


_MUTATIONS: Final[dict[Callable[[Path, Random], str], int]] = {
    _change_bytes: 2,
    _change_header: 1,
    _change_used_bytes: 6,
    _change_schema_text: 5,
    _fill_run: 1,
    _cut_or_extend: 1,
    _swap_pages: 1,
    _rewrite_schema: 4,
}
