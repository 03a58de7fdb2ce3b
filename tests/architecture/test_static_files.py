"""Style sheets, scripts and pictures that code and templates name are there."""

import re
from typing import Final

from tests.architecture.project_files import PROJECT, project_files

_NAMED: Final = re.compile(
    r"[\"'](?:static/)?((?:synapse|business_core|analytics|revenue|legacy_import)/[\w./-]+\.(?:css|js|svg|png))"
)


def test_every_named_static_file_exists() -> None:
    named = {
        (str(path.relative_to(PROJECT)), name)
        for path in project_files()
        if path.suffix in {".py", ".html"} and "tests" not in path.parts
        for name in _NAMED.findall(path.read_text())
    }
    missing = {(place, name) for place, name in named if not any(PROJECT.glob(f"*/static/{name}"))}
    assert missing == set()
    assert len(named) > 20


def test_every_static_file_is_named() -> None:
    texts = [path.read_text() for path in project_files() if path.suffix in {".py", ".html"}]
    files = [path.relative_to(PROJECT) for path in project_files() if "static" in path.parts]
    unused = [str(path) for path in files if not any("/".join(path.parts[2:]) in text for text in texts)]
    assert unused == []
