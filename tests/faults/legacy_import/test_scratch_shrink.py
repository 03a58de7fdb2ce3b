"""Scratch, never committed."""
import os, shutil, tempfile, itertools
from pathlib import Path
from random import Random
import pytest
from tests.faults.legacy_import.orders import *
from tests.faults.legacy_import.overlapping_files import *
from tests.faults.legacy_import.test_permutations import interleaved, backup_dir
from legacy_import.demo import write_demo_legacy
pytestmark = [pytest.mark.faults, pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)]

class Trial:
    def __init__(self, settings): self.settings = settings; self.n = 0
    def diffs(self, ops, names, order):
        """order: sequence of (version index, name)"""
        self.n += 1
        top = Path(tempfile.mkdtemp(prefix="shrink-"))
        try:
            self.settings.BACKUP_DIR = top / "backups"
            versions = build(top, ops)
            ref = end_state([Step(f, (n,)) for f in versions for n in names])
            self.settings.BACKUP_DIR = top / "backups2"
            got = end_state([Step(versions[v], (n,)) for v, n in order])
            return differences(ref, got)
        finally:
            shutil.rmtree(top)

def kinds(d):
    """signature: (sign,table) set with columns differing"""
    return sorted({" ".join(x.split(" ", 2)[:2])[2:] for x in d})

def ddmin(ops, fails):
    n = 2
    while len(ops) >= 2:
        size = max(1, len(ops)//n)
        for i in range(0, len(ops), size):
            rest = ops[:i] + ops[i+size:]
            if fails(rest):
                ops = rest; n = max(n-1, 2); break
        else:
            if size == 1: break
            n = min(len(ops), n*2)
    return ops

@pytest.mark.timeout(3000)
def test_shrink(settings):
    t = Trial(settings)
    seed = int(os.environ["SEED"]); names = FAMILIES[int(os.environ.get("FAMILY", "0"))]
    want = os.environ.get("WANT", "")
    ops = operations(Random(seed))
    ops = [o for o in ops if o.source in names]
    for turn in range(3):
        rng = Random(f"{seed}:{turn}")
        steps = interleaved([Path("a"), Path("b")], names, rng)
        order = [(0 if s.folder.name == "a" else 1, s.names[0]) for s in steps]
        def bad(ops, names, order):
            return [x for x in t.diffs(ops, names, order) if want in x and not any(w and w in x for w in os.environ.get('NOT','').split('|'))]
        d = bad(ops, names, order)
        if d: break
    else:
        print("NO DIFF"); return
    print("ORDER", order)
    for x in d: print(x[:600])
    if os.environ.get("SHRINK"):
        for name in list(names):
            rest = tuple(n for n in names if n != name)
            o2 = [o for o in order if o[1] != name]
            ops2 = [o for o in ops if o.source != name]
            if bad(ops2, rest, o2):
                names, order, ops = rest, o2, ops2
        # whole kinds
        for table in sorted({(o.source, o.sql.split()[{"D":2,"I":4,"U":3}[o.sql[0]]]) for o in ops}):
            ops2 = [o for o in ops if not (o.source == table[0] and f" {table[1]} " in f"{o.sql} ")] + [Operation(1, table[0], f"DELETE FROM {table[1]}", ())]
            if bad(ops2, names, order): ops = ops2
        keep = [o for o in ops if o.version == 1 and o.sql.startswith("DELETE")]
        rest = [o for o in ops if o not in keep]
        rest = ddmin(rest, lambda r: bool(bad(keep + r, names, order)))
        print("\nSHRUNK", t.n, "trials; sources", names, "order", order)
        for o in rest: print("  v%d %s: %s %r" % (o.version, o.source, o.sql, o.parameters))
        for x in bad(keep+rest, names, order): print(x[:900])
