"""What is asked of every codec that a declared column uses, whichever it is."""

from typing import Any

import pytest

from legacy_import.cells import plain_cell
from legacy_import.codecs import Codec
from tests.integration.legacy_import.codec_readings import REFUSED, Read, read, read_cell, value_of
from tests.integration.legacy_import.hostile_classes import hostile_cells
from tests.mutations.codec_mutants import declared_codecs

pytestmark = pytest.mark.django_db

CODECS = [codec for codec in declared_codecs() if codec.name != "date_and_clock"]
every_codec = pytest.mark.parametrize("codec", CODECS, ids=lambda codec: f"{codec.name}-{codec.storage}")


@every_codec
def test_null_is_null_on_both_roads_and_comes_back_as_null_or_as_the_empty_text(codec: Codec) -> None:
    back = "" if codec.empty_is_null else None

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


def _read_on(codec: Codec, cell: Any, *, odd: bool) -> Any:
    return value_of(read(codec, plain_cell(cell, codec.storage), odd=True) if odd else read_cell(codec, cell))
