"""Uploaded files between their preview and the decision: kept for a day, readable by this server's account only."""

import json
import os
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{22}")
_KEPT_SECONDS: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class Upload:
    """A kept file: the secret part of its address, the name it came with, its content."""

    token: str
    name: str
    content: bytes


def store_upload(content: bytes, *, name: str, user: int, table: str) -> str:
    """Keep a file for a day, for this user and table; return its token."""
    folder = _upload_folder()
    delete_expired_uploads(folder, now_seconds=time.time())
    token = secrets.token_urlsafe(16)
    _write_private_file(folder / f"{token}.rows", content)
    _write_private_file(folder / f"{token}.json", json.dumps({"name": name, "user": user, "table": table}).encode())
    return token


def find_upload(token: str, *, user: int, table: str) -> Upload | None:
    """Return the file this user has uploaded for this table; None where there is none, or no more."""
    if not _TOKEN.fullmatch(token):
        return None
    folder = _upload_folder()
    # Expired ones first: a link from last week must not import anything.
    delete_expired_uploads(folder, now_seconds=time.time())
    try:
        words = json.loads((folder / f"{token}.json").read_text())
        content = (folder / f"{token}.rows").read_bytes()
    except FileNotFoundError:
        return None
    return Upload(token, words["name"], content) if (words["user"], words["table"]) == (user, table) else None


def delete_upload(upload: Upload) -> None:
    """Delete a file that was decided about."""
    for ending in ("json", "rows"):
        (_upload_folder() / f"{upload.token}.{ending}").unlink(missing_ok=True)


def delete_expired_uploads(folder: Path, *, now_seconds: float) -> int:
    """Delete the files that are older than a day; return how many bytes that freed. Called by the pruning job, too."""
    freed_bytes = 0
    for path in folder.iterdir():
        try:
            status = path.stat()
            if status.st_mtime < now_seconds - _KEPT_SECONDS:
                path.unlink()
                freed_bytes += status.st_size
        except FileNotFoundError:
            # Another request has deleted it.
            continue
    return freed_bytes


def _upload_folder() -> Path:
    folder = Path(settings.UPLOAD_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _write_private_file(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
