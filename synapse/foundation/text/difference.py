"""A diff of two texts, as segments that are shared or differ; pure text, escaped by the templates.

Compared by lines, and by words within lines that differ. Long shared segments are shortened, and long differing ones
cut.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")
_WORD: Final = re.compile(r"\s+|\S+")
_MAX_COMPARED_PIECES: Final = 500
"""Differing stretches of more lines or words are one segment: difflib is quadratic and would take seconds."""
_MAX_SHOWN_WHOLE: Final = 600
_CONTEXT_LENGTH: Final = 80
_MAX_MARKED_LENGTH: Final = 800
_BLANKS: Final = str.maketrans({" ": "␣", "\t": "⇥", "\n": "⏎\n"})


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a text; one that `differs` is not in the other text at that place."""

    text: str
    differs: bool


def compare_texts(one: str, other: str) -> tuple[list[Segment], list[Segment]]:
    """Return both texts as segments."""
    # What both begin and end with is found first, by bisection, so that only the middles are compared.
    head = _shared_length(min(len(one), len(other)), lambda size: one[:size] == other[:size])
    rest, other_rest = one[head:], other[head:]
    tail = _shared_length(min(len(rest), len(other_rest)), lambda size: rest[-size:] == other_rest[-size:])
    middles = one[head : len(one) - tail], other[head : len(other) - tail]
    shared = Segment(one[:head], differs=False), Segment(one[len(one) - tail :], differs=False)
    left, right = _compare_pieces(*middles)
    return _shorten_segments([shared[0], *left, shared[1]]), _shorten_segments([shared[0], *right, shared[1]])


def _compare_pieces(one: str, other: str, *, by: re.Pattern[str] = _LINE) -> tuple[list[Segment], list[Segment]]:
    """Compare line by line, and word by word (`by=_WORD`) within the lines that differ."""
    left, right = by.findall(one), by.findall(other)
    if max(len(left), len(right)) > _MAX_COMPARED_PIECES:
        return [Segment(one, differs=True)], [Segment(other, differs=True)]
    sides: tuple[list[Segment], list[Segment]] = [], []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        texts = "".join(left[i1:i2]), "".join(right[j1:j2])
        if kind == "replace" and by is _LINE:
            found = _compare_pieces(*texts, by=_WORD)
        else:
            found = _mark_segments(*texts, differs=kind != "equal")
        for side, segments in zip(sides, found, strict=True):
            side.extend(segments)
    return sides


def _mark_segments(one: str, other: str, *, differs: bool) -> tuple[list[Segment], list[Segment]]:
    """Return both as one segment each; where only white space differs, it is made visible."""
    if differs and one.split() == other.split():
        one, other = one.translate(_BLANKS), other.translate(_BLANKS)
    return [Segment(one, differs=differs)], [Segment(other, differs=differs)]


def _shorten_segments(segments: list[Segment]) -> list[Segment]:
    """Return the segments that hold text, shortened where the whole is long."""
    if sum(len(segment.text) for segment in segments) > _MAX_SHOWN_WHOLE:
        last = len(segments) - 1
        segments = [_shorten_segment(one, begins=i == 0, ends=i == last) for i, one in enumerate(segments)]
    return [segment for segment in segments if segment.text]


def _shorten_segment(segment: Segment, *, begins: bool, ends: bool) -> Segment:
    text = segment.text
    if segment.differs:
        cut = f"{text[:_MAX_MARKED_LENGTH]}… ({len(text):,} characters)"
        return segment if len(text) <= _MAX_MARKED_LENGTH else Segment(cut, differs=True)
    if len(text) <= 3 * _CONTEXT_LENGTH:
        return segment
    head, tail = "" if begins else text[:_CONTEXT_LENGTH], "" if ends else text[-_CONTEXT_LENGTH:]
    return Segment(f"{head}…{tail}", differs=False)


def _shared_length(limit: int, is_shared: Callable[[int], bool]) -> int:
    """Return the largest shared size up to the limit, less some words; by bisection: smaller sizes are shared too."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if is_shared(middle) else (low, middle - 1)
    # Words at the edge stay in what is compared: the white space behind one may be all that differs.
    return max(low - _CONTEXT_LENGTH, 0)
