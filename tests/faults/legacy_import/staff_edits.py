"""A member of staff who goes on editing through Django's ORM: NUMBER, 0 or 1, and STOP, the file that ends it.

Each transaction writes a post and then an inquiry, against the order in which an import takes the tables, and lets time
go by in between. At its end it prints the last text committed for each row, and what went wrong.
"""

import json
import os
import sys
import time
from itertools import count
from pathlib import Path
from typing import Final

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "synapse.settings"
django.setup()

from django.db import DatabaseError, transaction  # noqa: E402 - Django is set up by now

from business_core.models import ConsultationInquiry, Post  # noqa: E402
from synapse.kit.change_log.authorship import attribute_changes_to  # noqa: E402

ROWS: Final = 20
THINKING_SECONDS: Final = 0.02


def edit(post: Post, inquiry: ConsultationInquiry, text: str) -> None:
    """Write the text into both rows, wholly or not at all."""
    with transaction.atomic():
        post.target_audience = text
        post.save(update_fields=["target_audience"])
        time.sleep(THINKING_SECONDS)
        inquiry.notes = text
        inquiry.save(update_fields=["notes"])


def work(number: int, stop: Path) -> dict[str, object]:
    """Edit one's own rows in turn until told to stop."""
    mine = slice(number * ROWS, (number + 1) * ROWS)
    pairs = list(zip(Post.objects.order_by("pk")[mine], ConsultationInquiry.objects.order_by("pk")[mine], strict=True))
    last: dict[str, str] = {}
    errors: list[str] = []
    print("ready", flush=True)  # noqa: T201 - said to the test
    for turn in count():
        if stop.exists():
            return {"edits": turn, "last": last, "errors": errors}
        post, inquiry = pairs[turn % len(pairs)]
        text = f"staff {number}, edit {turn}"
        try:
            edit(post, inquiry, text)
        except DatabaseError as error:
            errors.append(str(error))
        else:
            last |= {str(post.pk): text, str(inquiry.pk): text}
    raise AssertionError("count() has no end")


if __name__ == "__main__":
    with attribute_changes_to(f"staff {sys.argv[1]}"):
        print(json.dumps(work(int(sys.argv[1]), Path(sys.argv[2]))))  # noqa: T201 - said to the test
