"""The drawing in docs/architecture.md shows the code as it is."""

from tests.architecture.draw_rooms import PICTURE, draw_rooms


def test_the_drawing_is_current() -> None:
    assert PICTURE.read_text() == draw_rooms(), "run make drawing"
