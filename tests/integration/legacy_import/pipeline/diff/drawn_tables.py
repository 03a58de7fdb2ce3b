"""The tables of the drawn files, and what their cells may be given; what people may write into the targets."""

from dataclasses import dataclass
from typing import Any, Final

_TEXT: Final = ("", "a text", "A TEXT", None, "other", "Größe", "a\0b", 5, b"\xff", "x" * 2700)
_NUMBERS: Final = (0, 1, 2, 1.0, 0.5, -0.0, None, "7", "seven", 12.7, 10**12)
MOMENTS: Final = ("2025-01-20T07:00:00", "2025-03-30T03:30:00", "2025-01-20 07:00", "soon", None, "")
_ANY: Final = (None, 0, 0.0, -0.0, 1, 1.0, "1", b"1", "")


@dataclass(frozen=True, slots=True)
class DrawnColumn:
    """A column: its declared type, and the cells that it may be given."""

    declared: str
    cells: tuple[Any, ...]


_POSTS: Final = {
    "post_id": DrawnColumn("TEXT", tuple(f"p{n}" for n in range(1, 9))),
    "content": DrawnColumn("TEXT COLLATE NOCASE", _TEXT),
    "posted_at": DrawnColumn("TEXT", MOMENTS),
    "likes": DrawnColumn("INTEGER", _NUMBERS),
    "actual_engagement_rate": DrawnColumn("REAL", _NUMBERS),
    "extra": DrawnColumn("", _ANY),
}
_INQUIRIES: Final = {
    "inquiry_id": DrawnColumn("TEXT", tuple(f"i{n}" for n in range(1, 12))),
    "source_post_id": DrawnColumn("TEXT", (*(f"p{n}" for n in range(1, 11)), None, "")),
    "contact_name": DrawnColumn("TEXT", _TEXT),
    "inquiry_type": DrawnColumn("TEXT", ("architecture", None)),
    "inquiry_channel": DrawnColumn("TEXT", ("email", None)),
    "estimated_value": DrawnColumn("INTEGER", _NUMBERS),
    "created_at": DrawnColumn("TEXT", MOMENTS),
    "notes": DrawnColumn("TEXT", _TEXT),
}
_PIPELINE: Final = {
    "pipeline_id": DrawnColumn("TEXT", tuple(f"b{n}" for n in range(1, 8))),
    "month": DrawnColumn("TEXT", ("2025-01", "2025-02", "2025-03", "2025-04", "", None)),
    "total_posts": DrawnColumn("INTEGER", _NUMBERS),
    "conversion_rate": DrawnColumn("REAL", _NUMBERS),
}
_OTHERS: Final = {
    "id": DrawnColumn("INTEGER", tuple(range(1, 12))),
    "said": DrawnColumn("", _ANY),
}
TABLES: Final = {
    "linkedin_posts": _POSTS,
    "consultation_inquiries": _INQUIRIES,
    "business_pipeline": _PIPELINE,
    "others": _OTHERS,
}
TARGETS: Final[dict[str, tuple[str, dict[str, tuple[Any, ...]]]]] = {
    "posts": ("post_id", {"content": ("edited", "text"), "likes": (3, 4), "external_post_id": ("p3", "e1", "p9")}),
    "consultation_inquiries": (
        "inquiry_id",
        {
            "notes": ("edited", None),
            "contact_name": ("Ada",),
            "external_inquiry_id": ("i3", "e2"),
            "source_post_id": (None,),
        },
    ),
    "business_pipeline": ("pipeline_id", {"total_posts": (8, None), "month": ("2025-03", "2025-09")}),
}
