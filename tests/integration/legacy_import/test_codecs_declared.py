"""What is asked of every codec that a declared column uses, whichever it is."""

from typing import Any

import pytest

from legacy_import.cells import MARK, serialize_stage_cell
from legacy_import.codecs import Codec
from tests.integration.legacy_import.codec_readings import REFUSED, Read, read, read_cell, value_of
from tests.integration.legacy_import.pipeline.judge.hostile_classes import hostile_cells
from tests.mutations.codec_mutants import declared_codecs

pytestmark = pytest.mark.django_db

CODECS = [codec for codec in declared_codecs() if codec.name != "date_and_clock"]
FILLING = [codec for codec in CODECS if codec.name != "key"]
WRITE_NULL_AS_EMPTY = {"empty_as_null", "empty_or_local_timestamp"}
MEANT: dict[str, Any] = {
    "text": ["called"],
    "empty_as_null": ["called"],
    "lower_case": ["linkedin"],
    "integer": [1, 5],
    "boolean": [0, 1],
    "json": ['{"a": [1, null]}'],
    "decimal": {"real": [0.0, 1.0, 0.5, -0.25], "integer": [0, 25000, -1]},
    "utc_timestamp": ["2025-08-19 17:00:47", "2025-08-19 17:00:47.930332"],
    "local_timestamp": ["2025-08-19T20:00:47", "2025-08-19T20:00:47.930332"],
    "empty_or_local_timestamp": ["2025-08-19T20:00:47"],
    "key": [],
}
every_codec = pytest.mark.parametrize("codec", CODECS, ids=lambda codec: f"{codec.name}-{codec.storage}")


@every_codec
def test_null_is_null_on_both_roads_and_comes_back_as_null_or_as_the_empty_text(codec: Codec) -> None:
    back = "" if codec.name in WRITE_NULL_AS_EMPTY else None

    assert read(codec, None, odd=False) == read(codec, None, odd=True) == Read(None, (back,))


@every_codec
def test_what_is_hostile_to_it_lands_or_is_refused_on_either_road(codec: Codec) -> None:
    wrong = [
        (str(cell), odd)
        for (cell,), lands in hostile_cells(codec)
        if not cell.as_text
        for odd in (False, True)
        if (_read_on(codec, cell.value, odd=odd) != REFUSED) != lands
    ]

    assert wrong == []


@every_codec
def test_what_it_was_made_for_comes_back(codec: Codec) -> None:
    meant = MEANT[codec.name.split("(")[0]]
    for cell in meant[codec.storage] if isinstance(meant, dict) else meant:
        found = read_cell(codec, cell)
        assert isinstance(found, Read)
        assert found.back == (serialize_stage_cell(cell, codec.storage),)


@pytest.mark.parametrize("codec", FILLING, ids=lambda codec: f"{codec.name}-{codec.storage}")
def test_both_roads_read_alike(codec: Codec) -> None:
    cells = [cell.value for (cell,), lands in hostile_cells(codec) if lands and cell.value]
    strict = [value_of(read(codec, MARK + "t:" + str(cell), odd=True)) for cell in cells if is_clean(codec, cell)]

    assert strict == [value_of(read_cell(codec, cell)) for cell in cells if is_clean(codec, cell)]


def is_clean(codec: Codec, cell: Any) -> bool:
    """Say whether the cell takes the fast road."""
    plain = serialize_stage_cell(cell, codec.storage)
    return plain is not None and not plain.startswith(MARK)


def _read_on(codec: Codec, cell: Any, *, odd: bool) -> Any:
    return value_of(read(codec, serialize_stage_cell(cell, codec.storage), odd=True) if odd else read_cell(codec, cell))
