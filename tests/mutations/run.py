"""Break the code at seeded places and see a test go red: `make mutants`.

Each mutant is written into a scratch copy of the checkout, and the tests that run its lines are run there until one
fails: then it is killed. The working tree is never touched. Ends with 1 where a mutant survives that left_alive does
not list, or where a test that killed one fails on the unbroken code, too.
"""

import argparse
import hashlib
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import zip_longest
from pathlib import Path
from queue import SimpleQueue
from time import perf_counter

from tests.mutations.choice import BUDGET_SECONDS, TestChoice
from tests.mutations.left_alive import reason_for
from tests.mutations.line_map import COMPONENTS, LineMap, read_line_maps
from tests.mutations.mutant import Mutant
from tests.mutations.sample import DEFAULT_SEED, DEFAULT_SIZE, all_mutants, draw
from tests.mutations.scratch import PROJECT, scratch_checkout
from tests.mutations.showing import Copy, Shown
from tests.mutations.table import AreaFigures, table, with_table


def main(arguments: list[str]) -> int:
    """Print a line per mutant, the survivors with their lines, and the figures; return how the process ends."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    began = perf_counter()
    with ExitStack() as stack:
        folders = [stack.enter_context(scratch_checkout()) for _ in range(options.processes)]
        copies = [stack.enter_context(closing(Copy(folder))) for folder in folders]
        project = copies[0].folder
        lines = _line_map(copies[0], options)
        sample = draw(project, seed=options.seed, size=options.size, only=options.only)
        choice = TestChoice(project, lines, budget_seconds=options.budget)
        # By turns, so that a run that is stopped has seen something of every area.
        by_turns = [mutant for turn in zip_longest(*sample.values()) for mutant in turn if mutant]
        shown = list(_shown(copies, choice, by_turns))
        wrong = _killers_that_fail_anyway(copies[0], shown, lines)
        areas = {
            area: AreaFigures(
                len(all_mutants(project, area)),
                len(mutants),
                sum(not one.is_alive for one in shown if one.mutant in set(mutants)),
            )
            for area, mutants in sample.items()
        }
        unexplained = _print_survivors(project, shown)
    print(f"\n{table(areas)}\nseed {options.seed}, {perf_counter() - began:.0f} s")
    if wrong:
        print("These tests fail without any mutant; their kills do not count:", *wrong, sep="\n  ")
    is_default = (options.seed, options.size, options.only) == (DEFAULT_SEED, DEFAULT_SIZE, "")
    if options.write and is_default and not wrong:
        options.write.write_text(with_table(options.write.read_text(), areas, seed=options.seed))
    return int(bool(unexplained or wrong))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations.run", description=__doc__)
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="another seed draws another sample")
    parser.add_argument("--size", type=int, default=DEFAULT_SIZE, help="how many mutants, the areas having equal parts")
    parser.add_argument("--only", default="", metavar="PLACE", help="mutate this folder or file alone")
    parser.add_argument("--processes", type=int, default=2, help="how many run at a time")
    parser.add_argument(
        "--budget", type=float, default=BUDGET_SECONDS, help="how many seconds of tests a mutant is shown to"
    )
    parser.add_argument(
        "--lines", type=Path, metavar="FILE", help="keep the map of lines and tests there, and reuse it"
    )
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="write the default sample's figures into FILE's table"
    )
    return parser


def _line_map(copy: Copy, options: argparse.Namespace) -> LineMap:
    """Return which test runs which line, measured anew unless it was for these very files."""
    folder: Path = options.lines or PROJECT / "var" / "mutations"
    kept = folder if folder.suffix == ".json" else folder / f"lines-{_fingerprint(copy.folder)}.json"
    if kept.exists():
        return read_line_maps([kept])
    began = perf_counter()
    print("Running the tests once, to see which runs which line ...", flush=True)
    lines = copy.measure_lines(options.processes)
    print(f"{len(lines.seconds)} tests in {perf_counter() - began:.0f} s", flush=True)
    if lines.failed:
        print("These fail without any mutant and are asked about none:", *lines.failed, sep="\n  ")
    kept.parent.mkdir(parents=True, exist_ok=True)
    lines.write(kept)
    return lines


def _fingerprint(project: Path) -> str:
    """Return a checksum of all Python files: where none changed, neither did the lines that tests run."""
    digest = hashlib.sha256()
    for component in (*COMPONENTS, "tests"):
        for path in sorted((project / component).rglob("*.py")):
            digest.update(str(path.relative_to(project)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _shown(copies: list[Copy], choice: TestChoice, mutants: list[Mutant]) -> Iterator[Shown]:
    """Show the mutants, as many at a time as there are copies, and yield them in their order."""
    free: SimpleQueue[Copy] = SimpleQueue()
    for copy in copies:
        free.put(copy)

    def _show(mutant: Mutant) -> Shown:
        copy = free.get()
        try:
            return copy.show(mutant, choice.tests_for(mutant))
        finally:
            free.put(copy)

    pool = ThreadPoolExecutor(len(copies))
    try:
        for one in pool.map(_show, mutants):
            print(
                f"{one.mutant.place:<60} {one.mutant.operator:<18} {one.outcome:<10} {one.seconds:5.1f} s"
                f" {one.tests:4}  {one.killer.rpartition('/')[2][:90]}",
                flush=True,
            )
            yield one
    finally:
        # Where somebody stops the run, the copies kill what is at work in them.
        pool.shutdown(wait=False, cancel_futures=True)


def _killers_that_fail_anyway(copy: Copy, shown: list[Shown], lines: LineMap) -> list[str]:
    """Return the tests that killed a mutant and fail on the unbroken code as well, as a flaky one would."""
    killers = {one.killer: lines.seconds[one.killer] for one in shown if one.killer in lines.seconds}
    return copy.failing(killers) if killers else []


def _print_survivors(project: Path, shown: list[Shown]) -> int:
    """Print the mutants that no test saw; return how many of them have no reason to be left alive."""
    unexplained = 0
    for one in shown:
        if one.is_alive:
            source = (project / one.mutant.path).read_text()
            before, after = one.mutant.changed_lines(source)
            reason = reason_for(one.mutant, source)
            unexplained += not reason
            print(f"\n{one.mutant.place} {one.outcome}{f': {reason}' if reason else ''}\n  - {before}\n  + {after}")
    return unexplained


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
