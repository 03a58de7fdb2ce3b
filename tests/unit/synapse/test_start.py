"""Every command starts cheap: what takes long to load is loaded by what needs it."""

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
HEAVY = ("openpyxl", "numpy", "scipy", "tablib.formats._xlsx", "yaml", "pandas")
"""Together they take as long to load as all the rest."""

CHECK = f"""
import sys
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "check"])
from legacy_import.pipeline.fingerprint import loaded_code
print([name for name in {HEAVY} if name in sys.modules], loaded_code.cache_info().currsize)
"""


def test_a_command_loads_no_spreadsheet_no_statistics_and_hashes_no_code(tmp_path: Path) -> None:
    own = {"DJANGO_SETTINGS_MODULE": "synapse.settings", "SYNAPSE_VAR_DIR": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, "-c", CHECK],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], **own},
        capture_output=True,
        check=True,
        text=True,
    )

    assert done.stdout.splitlines()[-1] == "[] 0"
