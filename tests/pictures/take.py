"""Take the pictures of the documentation: `make pictures`, or `make pictures ONLY="front-page dashboard"`.

What lives here: a folder and databases of its own, and their end. What does not: the site and the camera (camera.py),
the pictures (shots.py). Arguments: words of which a picture's name must contain one.
"""

import os
import sys
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import django

_IMAGES: Final = Path(__file__).parents[2] / "docs" / "images"
_EMPTY: Final = ("DATABASE_URL", "ANALYTICS_DATABASE_URL", "REVENUE_DATABASE_URL")
"""Settings that must not lead the pictures to anybody's data; empty, because a .env file fills in what is absent."""


def main() -> None:
    """Raise a site on demonstration files, take its pictures, and leave nothing else behind."""
    with TemporaryDirectory(prefix="synapse-pictures-") as name:
        folder = Path(name)
        # PostgreSQL runs as another user where this is root, and has to reach its data.
        folder.chmod(0o755)
        os.environ |= dict.fromkeys(_EMPTY, "") | _settings(folder)
        django.setup()
        # Models can't be imported before the settings are there.
        import_module("tests.pictures.camera").take_all(folder / "legacy", _IMAGES, words=sys.argv[1:])


def _settings(folder: Path) -> dict[str, str]:
    return {
        "SYNAPSE_VAR_DIR": str(folder),
        "LEGACY_DIR": str(folder / "legacy"),
        "BACKUP_DIR": str(folder / "backups"),
        "SYNAPSE_ENVIRONMENT": "local",
        "DEBUG": "0",
        # Whom the runs of imports name.
        "LOGNAME": "hedy",
        "DJANGO_SETTINGS_MODULE": "synapse.settings",
        # The browser's event loop stands still while the story asks the database in the same thread.
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
    }


if __name__ == "__main__":
    main()
