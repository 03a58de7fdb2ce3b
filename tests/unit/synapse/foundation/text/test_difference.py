"""Two texts side by side: what is marked, what is cut, how long it takes."""

from time import perf_counter

import pytest

from synapse.foundation.text.difference import Segment, compare_texts


def marked(segments: list[Segment]) -> str:
    return "".join(f"[{one.text}]" if one.differs else one.text for one in segments)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("one two three", "one 2 three", ("one [two] three", "one [2] three")),
        ("hello", "hello world", ("hello", "hello[ world]")),
        ("a blank more", "a blank  more", ("a blank[␣]more", "a blank[␣␣]more")),
        ("at its end", "at its end ", ("at its end", "at its end[␣]")),
        ("line\nline", "line line", ("line[⏎\n]line", "line[␣]line")),
        ("nothing", "at all", ("[nothing]", "[at all]")),
        ("same", "same", ("same", "same")),
    ],
)
def test_only_what_differs_is_marked(one: str, other: str, expected: tuple[str, str]) -> None:
    assert tuple(map(marked, compare_texts(one, other))) == expected


def test_long_shared_stretches_are_cut_around_the_difference() -> None:
    head, tail = "begin " * 500, " end" * 500

    left, right = compare_texts(f"{head}left{tail}", f"{head}right{tail}")

    assert marked(left).startswith("…")
    assert marked(left).endswith("…")
    assert "begin [left] end" in marked(left)
    assert "begin [right] end" in marked(right)
    assert len(marked(left)) < 400


def test_a_long_difference_is_cut_and_its_length_said() -> None:
    left, right = compare_texts("x" * 5_000, "y")

    assert marked(left) == f"[{'x' * 800}… (5,000 characters)]"
    assert marked(right) == "[y]"


def test_three_megabytes_are_compared_at_once() -> None:
    text = "lorem ipsum " * 250_000
    begun = perf_counter()

    left, right = compare_texts(text, f"{text[:1_500_000]}X{text[1_500_000:]}")

    assert perf_counter() - begun < 2
    assert "X" in marked(right)
    assert len(marked(left)) < 1_000
