"""Scratch."""
import os
from pathlib import Path
from random import Random
import pytest, tempfile, shutil
from tests.faults.legacy_import.orders import *
from tests.faults.legacy_import.overlapping_files import *
from tests.faults.legacy_import.test_permutations import backup_dir
pytestmark = [pytest.mark.faults, pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)]
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("names", FAMILIES, ids=lambda n: n[0])
def test_static(tmp_path, seed, names):
    versions = write_family(tmp_path, seed=seed)
    for f in versions:
        ref = end_state([Step(f, names)])
        for t in range(3):
            order = Random(f"{seed}{t}").sample(names, len(names))
            d = differences(ref, end_state([Step(f, tuple(order))]))
            for x in d: print(seed, order, x[:700])
            assert not d
