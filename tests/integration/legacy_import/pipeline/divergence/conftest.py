"""Two LinkedIn files that say different things of one post."""

from pathlib import Path

import pytest

from business_core.models import Post
from tests.imports import run_import
from tests.legacy_files import DUPLICATE, PRIMARY, change, contents


@pytest.fixture
def post_id(legacy_dir: Path) -> str:
    """Let the first post have 5 likes in the primary and 7 in its duplicate; return its legacy key."""
    key: str = contents(legacy_dir / PRIMARY)["linkedin_posts"][0][2].decode()
    for path, likes in ((PRIMARY, 5), (DUPLICATE, 7)):
        change(legacy_dir / path, "UPDATE linkedin_posts SET likes = ?, shares = 1 WHERE post_id = ?", likes, key)
    return key


@pytest.fixture
def post(legacy_dir: Path, post_id: str) -> Post:
    """Import both files; return the post they disagree on."""
    for source in ("primary", "duplicate"):
        assert run_import(source, legacy_dir).error is None
    return Post.objects.get(external_post_id=post_id)
