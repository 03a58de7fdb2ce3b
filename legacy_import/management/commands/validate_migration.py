"""`manage.py validate_migration`: hold PostgreSQL against the legacy files. Exit 0 all pass, 1 not."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from legacy_import.management.drawing import validation_summary
from legacy_import.operations import validate


class Command(BaseCommand):
    help = "Check that PostgreSQL and the legacy files agree: record counts, and the consultation pipeline's value."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--legacy-dir", type=Path, default=settings.LEGACY_DIR, help="where the files lie")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        checks = validate(options["legacy_dir"])
        passed = all(check.passed for check in checks)
        if options["json"]:
            self.stdout.write(json.dumps({"passed": passed, "checks": [check.as_json() for check in checks]}))
        else:
            validation_summary(checks)
        sys.exit(0 if passed else 1)
