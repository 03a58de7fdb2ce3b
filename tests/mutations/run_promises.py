"""Put each promised figure one step too low and one too high, and see its test go red: `make mutants`.

`--write FILE` writes the table of figures and tests into docs/reliability.md. Arguments besides: words that a promise
or its test must contain. Ends with 1 where a figure is held by no test.
"""

import argparse
import sys
from collections import defaultdict
from contextlib import closing
from pathlib import Path

from tests.mutations import promises_of_legacy_import, promises_of_synapse
from tests.mutations.promise import Promise
from tests.mutations.scratch import scratch_checkout
from tests.mutations.showing import Copy, Shown
from tests.mutations.table import with_section

PROMISES = (*promises_of_legacy_import.PROMISES, *promises_of_synapse.PROMISES)
BEGIN, END = "<!-- promises: written by make mutants -->\n", "<!-- end of promises -->\n"


def main(arguments: list[str]) -> int:
    """Print a line for each step beyond a figure; return how the process ends."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutations.run_promises", description=__doc__)
    parser.add_argument("words", nargs="*", help="only promises in whose words, file or test all of these stand")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the table into FILE")
    options = parser.parse_args(arguments)
    chosen = [one for one in PROMISES if all(word in f"{one.said} {one.path} {one.test}" for word in options.words)]
    with scratch_checkout() as folder, closing(Copy(folder)) as copy:
        broken = [one for one in chosen if not _is_held(copy, one)]
        if red := _tests_that_are_red_anyway(copy, chosen):
            print("These fail without any step beyond a figure, so nothing is said by them:", *red, sep="\n  ")
            return 2
    print(f"{len(chosen)} promised figures, {len(chosen) - len(broken)} held by a test on both sides")
    if options.write and not broken and not options.words:
        document = options.write.read_text()
        options.write.write_text(with_section(document, BEGIN, END, promise_table(PROMISES)))
    return int(bool(broken))


def promise_table(promises: tuple[Promise, ...]) -> str:
    """Return the table of what is promised where, and the test that holds it."""
    head = "| promised | in | held by |\n| --- | --- | --- |\n"
    return head + "".join(f"| {one.said} | {one.document} | `{one.test}` |\n" for one in promises)


def _tests_that_are_red_anyway(copy: Copy, promises: list[Promise]) -> list[str]:
    tests = sorted({one.test for one in promises})
    return copy.failing_in(*tests)


def _is_held(copy: Copy, promise: Promise) -> bool:
    """Say whether a test goes red in each step beyond the figure."""
    shown: dict[bool, list[Shown]] = defaultdict(list)
    for mutant in promise.mutants(copy.folder):
        one = copy.show_file(mutant, promise.test)
        shown[one.is_alive].append(one)
        before, after = mutant.changed_lines((copy.folder / mutant.path).read_text())
        print(f"{one.outcome:<9} {mutant.place}: {before} → {after}  {one.killer.rpartition('/')[2][:90]}", flush=True)
    return not shown[True]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
