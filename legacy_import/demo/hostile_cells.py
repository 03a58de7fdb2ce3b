"""The hostile cells as data: every kind that must land, every kind that must be quarantined; `hostile` plants them.

Kinds that need two rows (a collision on a target's unique key) or a row of an otherwise empty table (a CHECK
violation) are no single cell of a demonstration file: the tests that need them write those rows.
"""

from functools import partial
from typing import Final

from legacy_import.demo.hostile import HostileCell, Outcome

_POSTS: Final = "linkedin_posts"
_INQUIRIES: Final = "consultation_inquiries"
_LONG_CELL_BYTES: Final = 3_000_000


_lands: Final = partial(HostileCell, outcome=Outcome.LANDS)
_quarantined: Final = partial(HostileCell, outcome=Outcome.QUARANTINED)

_LANDING: Final = (
    _lands("integer_as_text", _INQUIRIES, "priority_score", "4", typeless=True),
    _lands("integer_as_real", _POSTS, "impressions", 25000.0, typeless=True),
    _lands("money_as_real", _INQUIRIES, "estimated_value", 25000.0, typeless=True),
    _lands("money_with_excess_decimals", _INQUIRIES, "estimated_value", 25000.555),
    _lands("ratio_with_excess_decimals", _POSTS, "actual_engagement_rate", 0.123456789),
    _lands("ratio_with_float_noise", _POSTS, "business_conversion_rate", 0.7999999999999999),
    _lands("date_with_z", _INQUIRIES, "created_at", "2025-08-19T17:00:47Z"),
    _lands("date_with_offset", _INQUIRIES, "created_at", "2025-08-19T19:00:47.930332+02:00"),
    _lands("date_with_space", _INQUIRIES, "created_at", "2025-08-19 20:00:47"),
    _lands("date_only", _INQUIRIES, "created_at", "2025-08-19"),
    _lands("date_in_the_doubled_hour", _INQUIRIES, "created_at", "2025-10-26T03:30:00"),
    _lands("date_in_the_missing_hour", _INQUIRIES, "created_at", "2025-03-30T03:30:00"),
    _lands("posted_at_in_the_missing_hour", _POSTS, "posted_at", "2025-03-30T03:15:00"),
    _lands("posted_at_with_offset", _POSTS, "posted_at", "2025-08-19T08:30:00-07:00"),
    _lands("orphan", _INQUIRIES, "source_post_id", "no-such-post"),
    _lands("unknown_status", _INQUIRIES, "status", "on_holiday_until_spring"),
    _lands("null_counter", _POSTS, "views", None),
    _lands("null_in_not_null_name", _INQUIRIES, "contact_name", None),
    _lands("null_in_not_null_type", _INQUIRIES, "inquiry_type", None),
    _lands("null_in_not_null_content", _POSTS, "content", None),
    _lands("copy_null", _INQUIRIES, "notes", "\\N"),
    _lands("copy_end", _INQUIRIES, "notes", "\\."),
    _lands("tabs", _INQUIRIES, "notes", "one\ttwo\t\tthree"),
    _lands("quotes", _INQUIRIES, "notes", "it's \"quoted\" and ''doubled'' and \\'escaped\\'"),
    _lands("newlines", _INQUIRIES, "inquiry_text", "first\nsecond\r\nthird\rfourth\n"),
    _lands("emoji", _INQUIRIES, "inquiry_text", "👩‍🚀🏳️‍🌈 e\u0301 is not é \U0010fffd"),
    _lands("right_to_left", _INQUIRIES, "contact_name", "مريم \u202eabc\u202c שָׁלוֹם"),
    _lands("only_blanks", _INQUIRIES, "notes", "  \u00a0\u3000 "),
    _lands("long_cell", _INQUIRIES, "inquiry_text", "0123456789" * (_LONG_CELL_BYTES // 10), once=True),
    _lands("key_in_lower_case", _INQUIRIES, "inquiry_id", "inquiry-case-twin", once=True),
    _lands("key_in_upper_case", _INQUIRIES, "inquiry_id", "INQUIRY-CASE-TWIN", once=True),
    _lands("key_in_lower_case_of_a_post", _POSTS, "post_id", "post-case-twin", once=True),
    _lands("key_in_upper_case_of_a_post", _POSTS, "post_id", "POST-CASE-TWIN", once=True),
)

_QUARANTINED: Final = (
    _quarantined("thousands_separator", _INQUIRIES, "estimated_value", "25,000"),
    _quarantined("word_in_money", _INQUIRIES, "estimated_value", "about twenty thousand"),
    _quarantined("word_in_integer", _POSTS, "views", "many"),
    _quarantined("fraction_in_integer", _POSTS, "likes", 12.7),
    _quarantined("infinity_in_ratio", _POSTS, "actual_engagement_rate", float("inf")),
    _quarantined("negative_infinity_in_money", _INQUIRIES, "estimated_value", float("-inf")),
    _quarantined("nan_in_ratio", _POSTS, "actual_engagement_rate", "NaN"),
    _quarantined("integer_overflow", _POSTS, "impressions", 3_000_000_000),
    _quarantined("ratio_overflow", _POSTS, "actual_engagement_rate", 10.5),
    _quarantined("ratio_overflow_by_rounding", _POSTS, "business_conversion_rate", 9.99999),
    _quarantined("money_overflow", _INQUIRIES, "estimated_value", 100_000_000),
    _quarantined("epoch_number", _INQUIRIES, "created_at", "1755622847"),
    _quarantined("epoch_number_in_utc_column", _POSTS, "updated_at", 1755622847),
    _quarantined("impossible_date", _INQUIRIES, "created_at", "2025-02-30T10:00:00"),
    _quarantined("impossible_time", _POSTS, "posted_at", "2025-02-20T25:00:00"),
    _quarantined("word_for_a_date", _INQUIRIES, "created_at", "yesterday"),
    _quarantined("word_for_a_last_contact", _INQUIRIES, "last_contact", "now"),
    _quarantined("word_for_a_posting_date", _POSTS, "posted_at", "infinity"),
    _quarantined("blob_in_text", _INQUIRIES, "notes", b"\x89PNG\r\n\x1a\n\x00\xff"),
    _quarantined("blob_in_number", _INQUIRIES, "priority_score", b"\x04"),
    _quarantined("readable_blob_in_text", _POSTS, "content", b"readable, but a blob"),
    _quarantined("nul_in_text", _INQUIRIES, "inquiry_text", "before\x00after"),
    _quarantined("nul_at_the_end", _INQUIRIES, "notes", "before\x00"),
    _quarantined("invalid_utf8", _INQUIRIES, "inquiry_text", b"caf\xe9 au lait", as_text=True),
    _quarantined("truncated_utf8", _POSTS, "content", b"cut \xf0\x9f\x98", as_text=True),
    _quarantined("surrogate_in_utf8", _INQUIRIES, "notes", b"\xed\xa0\x80", as_text=True),
    _quarantined("overlong_utf8", _INQUIRIES, "company", b"\xc0\xafetc", as_text=True),
    _quarantined("null_key", _INQUIRIES, "inquiry_id", None),
    _quarantined("null_key_of_a_post", _POSTS, "post_id", None),
    _quarantined("empty_key", _INQUIRIES, "inquiry_id", "", once=True),
    _quarantined("empty_key_of_a_post", _POSTS, "post_id", "", once=True),
    _quarantined("blob_key", _INQUIRIES, "inquiry_id", b"inquiry-as-a-blob", once=True),
    _quarantined("null_in_not_null_date", _POSTS, "posted_at", None),
)

PRIMARY_CELLS: Final = (*_LANDING, *_QUARANTINED)
"""The cells that `demo_legacy --dirty` plants."""

_ASSIGNED: Final = ("attribution_tracking", "processed")
_WINNER: Final = ("test_variants", "is_winner")
_JSON: Final = ("content_recommendations", "expected_performance")
_POTENTIAL: Final = ("revenue_opportunities", "revenue_potential")

OTHER_CELLS: Final = (
    _lands("boolean_true", *_ASSIGNED, "true", source="attribution"),
    _lands("boolean_false", *_WINNER, "false", source="ab_testing"),
    _lands("boolean_one", *_ASSIGNED, 1, source="attribution"),
    _lands("boolean_zero", *_ASSIGNED, 0, source="attribution"),
    _quarantined("boolean_yes", *_ASSIGNED, "yes", source="attribution"),
    _quarantined("boolean_two", *_WINNER, 2, source="ab_testing"),
    _lands("json_in_another_key_order", *_JSON, '{"zebra": 1, "ant": 2}', source="recommendations"),
    _lands("json_with_repeated_keys", *_JSON, '{"a": 1, "a": 2}', source="recommendations"),
    _lands("json_with_trailing_zero", *_JSON, '{"rate": 1.10,"wide" :  [ ]}', source="recommendations"),
    _quarantined("json_that_is_none", *_JSON, "{'single': 'quotes'}", source="recommendations"),
    _quarantined("json_with_nan", *_JSON, '{"rate": NaN}', source="recommendations"),
    _quarantined("json_with_nul", *_JSON, '{"text": "a\\u0000b"}', source="recommendations"),
    _quarantined("json_in_a_blob", *_JSON, b'{"rate": 1}', source="recommendations"),
    _quarantined("null_in_not_null_json", *_JSON, None, source="recommendations"),
    _quarantined("word_in_money_of_the_revenue_file", *_POTENTIAL, "85k", source="revenue"),
)
"""Kinds of column that the primary has none of; tests plant them in the file they belong to."""

HOSTILE_CELLS: Final = (*PRIMARY_CELLS, *OTHER_CELLS)
