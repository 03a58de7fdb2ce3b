"""Which legacy columns name rows of other tables that no foreign key here can hold: a declaration, no code.

A reference is looked up by the text of a legacy key. An inquiry's `source_post_id`, a variant's `test_id` and an
adaptation's `content_id` are not among them: those are foreign keys, and the comparison of cells covers them.
"""

from dataclasses import dataclass
from typing import Final, Literal

Named = Literal["post", "piece", "variant"]


@dataclass(frozen=True, slots=True)
class CrossReference:
    """A legacy column that names rows; `named` are the kinds of rows it may name."""

    source: str
    table: str
    column: str
    named: tuple[Named, ...]

    @property
    def qualified_column(self) -> str:
        """The column as a report calls it."""
        return f"{self.table}.{self.column}"


@dataclass(frozen=True, slots=True)
class NamedRows:
    """A legacy table whose keys references name. `text_column` holds the key here; None: only the ledger knows it."""

    source: str
    table: str
    key: str
    text_column: str | None


NAMED_ROWS: Final[dict[Named, tuple[NamedRows, ...]]] = {
    "post": (
        NamedRows("primary", "linkedin_posts", "post_id", "external_post_id"),
        NamedRows("duplicate", "linkedin_posts", "post_id", "external_post_id"),
        NamedRows("week3", "week3_posts", "post_id", "external_post_id"),
        NamedRows("content", "posts", "post_id", "external_post_id"),
        NamedRows("twitter", "twitter_posts", "tweet_id", "external_post_id"),
    ),
    "piece": (NamedRows("content_management", "content_pieces", "content_id", None),),
    "variant": (NamedRows("ab_testing", "test_variants", "variant_id", None),),
}

REFERENCES: Final = (
    *(
        CrossReference(source, table, "post_id", ("post",))
        for source in ("performance", "performance_optimized", "performance_cross_platform")
        for table in ("content_analysis", "performance_predictions")
    ),
    CrossReference("attribution", "attribution_tracking", "content_id", ("piece", "post")),
    CrossReference("attribution", "conversion_paths", "content_id", ("piece", "post")),
    CrossReference("content_management", "platform_adaptations", "post_id", ("post",)),
    CrossReference("ab_testing", "test_assignments", "post_id", ("post",)),
    CrossReference("ab_testing", "test_assignments", "variant_id", ("variant",)),
    CrossReference("ab_testing", "ab_tests", "winning_variant", ("variant",)),
)
