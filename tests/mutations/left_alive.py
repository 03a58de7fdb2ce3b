"""Mutants that were left alive, each with the reason.

`make mutants` fails where another one survives; --write puts this list into docs/reliability.md.
"""

from dataclasses import dataclass
from typing import Final

from tests.mutations.mutant import Mutant


@dataclass(frozen=True, slots=True)
class LeftAlive:
    """The file, the mutated line as it was and as it became, and why no test goes red."""

    path: str
    before: str
    after: str
    reason: str


LEFT_ALIVE: Final[tuple[LeftAlive, ...]] = (
    LeftAlive(
        "legacy_import/undo/effects.py",
        "WHERE b.run_id = %(run)s AND b.table_name = 'ledger' AND b.row_key = o.row_key)",
        "WHERE b.run_id = %(run)s OR b.table_name = 'ledger' AND b.row_key = o.row_key)",
        "such a row is also found by its target, which the later run wrote; no test has one that is found by this rule alone",
    ),
    LeftAlive(
        "legacy_import/undo/effects.py",
        "LEFT JOIN undo_entry AS m ON m.table_name = e.table_name AND m.moved_to = e.row_key AND m.id < e.id",
        "LEFT JOIN undo_entry AS m ON m.table_name = e.table_name AND m.moved_to <> e.row_key AND m.id < e.id",
        "test_round_trips goes red, past the seconds that one mutant gets",
    ),
    LeftAlive(
        "synapse/kit/jobs/cluster/heartbeat.py",
        "_ANSWER_INTERVAL_SECONDS: Final = 1.0",
        "_ANSWER_INTERVAL_SECONDS: Final = 0.9",
        "a pace: a worker answers a tenth of a second earlier",
    ),
    LeftAlive(
        "legacy_import/pipeline/judge/rules.py",
        'empty = f" OR {cell} = \'\'" if column.codec.empty_is_null else ""',
        'empty = f" OR {cell} = \'\'" if not column.codec.empty_is_null else ""',
        "test_hostile_matrix goes red, which takes minutes and is not asked",
    ),
    LeftAlive(
        "legacy_import/undo/later_choices.py",
        "SELECT DISTINCT c.table_name, c.key, c.column_name, c.who, 'chosen here: the value stays'",
        "SELECT c.table_name, c.key, c.column_name, c.who, 'chosen here: the value stays'",
        "a value that was chosen twice since would be listed twice; the undo is the same",
    ),
    LeftAlive(
        "revenue/statistics/posterior.py",
        "edges.append(middle + np.arange(-_DEVIATIONS, _DEVIATIONS + 1) / (2 * math.sqrt(n)))",
        "edges.append(middle - np.arange(-_DEVIATIONS, _DEVIATIONS + 1) / (2 * math.sqrt(n)))",
        "the same edges in the other order: the range is symmetric, and they are sorted",
    ),
    LeftAlive(
        "revenue/statistics/posterior.py",
        "edges.append(middle + np.arange(-_DEVIATIONS, _DEVIATIONS + 1) / (2 * math.sqrt(n)))",
        "edges.append(middle + np.arange(-_DEVIATIONS, _DEVIATIONS - 1) / (2 * math.sqrt(n)))",
        "two panels fewer where the density is next to nothing: no digit that is compared changes",
    ),
    LeftAlive(
        "revenue/statistics/proportions.py",
        "low = 0.0 if variant.successes == 0 else max(0.0, min(rate, middle - half))",
        "low = 0.0 if variant.successes == 0 else max(-0.1, min(rate, middle - half))",
        "Wilson's lower end is below 0 by a rounding error at most",
    ),
    LeftAlive(
        "legacy_import/rebuild/rebuild.py",
        'file.execute("PRAGMA synchronous = FULL")',
        "pass",
        "a power cut: no test pulls the plug",
    ),
    LeftAlive(
        "synapse/kit/change_log/reverting/catalogue.py",
        "JOIN pg_attribute AS fk ON fk.attrelid = child.oid AND fk.attnum = c.conkey[1]",
        "LEFT JOIN pg_attribute AS fk ON fk.attrelid = child.oid AND fk.attnum = c.conkey[1]",
        "every constraint's column has its row in pg_attribute",
    ),
    LeftAlive(
        "legacy_import/pipeline/merge/merge.py",
        'progress.enter_stage(stage.source.name, "ledger", stage.legacy.name)',
        "pass",
        "only the word that is shown while it runs",
    ),
    LeftAlive(
        "synapse/kit/change_log/reverting/catalogue.py",
        "JOIN pg_attribute AS target ON target.attrelid = parent.oid AND target.attnum = c.confkey[1]",
        "LEFT JOIN pg_attribute AS target ON target.attrelid = parent.oid AND target.attnum = c.confkey[1]",
        "every constraint's column has its row in pg_attribute",
    ),
    LeftAlive(
        "legacy_import/undo/later_choices.py",
        "coalesce(d.choice, '') AS choice, d.other",
        "coalesce(d.choice) AS choice, d.other",
        "of a divergence that is gone, neither NULL nor an empty text is a choice of the other value",
    ),
    LeftAlive(
        "synapse/kit/change_log/reverting/catalogue.py",
        "WHERE c.contype = 'f' AND cardinality(c.conkey) = 1 AND parent.relname = ANY(%s)",
        "WHERE c.contype = 'f' AND cardinality(c.conkey) = 1 OR parent.relname = ANY(%s)",
        "more references than needed; those to tables that are not reverted are passed over, and no key has two columns",
    ),
    LeftAlive(
        "legacy_import/pipeline/merge/relink.py",
        "WHERE l.source = {literal(source.name)} AND l.legacy_table = {literal(table.name)} AND l.state = 'live'",
        "WHERE l.source = {literal(source.name)} AND l.legacy_table = {literal(table.name)} OR l.state = 'live'",
        "orphans of other files would be linked now and not at their own import: to the same parents",
    ),
    LeftAlive(
        "legacy_import/undo/later_edits.py",
        "WHERE e.table_name = {literal(target.name)} AND NOT u.deleted",
        "WHERE e.table_name = {literal(target.name)} OR NOT u.deleted",
        "keys are checksums of table and identity: no other table has the row, and a deleted one is not there",
    ),
    LeftAlive(
        "legacy_import/undo/put_back.py",
        "\"b.table_name = 'ledger' AND b.row_key = u.id::text AND b.run_id <> %(run)s AND b.old ->> 'run_id' = %(run)s\"",
        "\"b.table_name = 'ledger' AND b.row_key = u.id::text AND b.run_id <> %(run)s OR b.old ->> 'run_id' = %(run)s\"",
        "part of a run taken back beside later runs that only saw rows move: no test has both",
    ),
    LeftAlive(
        "legacy_import/pipeline/snapshot/online_backup.py",
        "_STEP_BYTES: Final = 256 * 1024",
        "_STEP_BYTES: Final = 255 * 1024",
        "a pace: a step is four pages shorter; what a writer waits is measured",
    ),
    LeftAlive(
        "legacy_import/pipeline/snapshot/snapshot.py",
        "shutil.rmtree(path, ignore_errors=True)",
        "shutil.rmtree(path, ignore_errors=False)",
        "a leftover folder that can't be removed: the disk would have to refuse",
    ),
    LeftAlive(
        "synapse/kit/jobs/pruning.py",
        "_MAX_MESSAGES_LOOKED_AT: Final = 100",
        "_MAX_MESSAGES_LOOKED_AT: Final = 101",
        "one unreadable message more is skipped",
    ),
    LeftAlive(
        "legacy_import/pipeline/stage/fixes.py",
        'if not has_settlements(cursor, stage) or "fix" not in match_settlements(cursor, stage, settlements_sql(stage)):',
        'if not has_settlements(cursor, stage) and "fix" not in match_settlements(cursor, stage, settlements_sql(stage)):',
        "a short cut: without settlements the longer way finds none either",
    ),
    LeftAlive(
        "synapse/kit/jobs/schedules.py",
        "cursor.execute(\"SELECT pg_advisory_xact_lock(hashtextextended('synapse schedules', 0))\")",
        "pass",
        "a race of two upgrades at once",
    ),
    LeftAlive(
        "legacy_import/pipeline/stage/legacy_schema.py",
        'connection.execute(f"SELECT {row_id_name} FROM {quote_sqlite_name(table)} LIMIT 0")',
        'connection.execute(f"SELECT {row_id_name} FROM {quote_sqlite_name(table)} LIMIT 1")',
        "whether the statement can be prepared is asked, not what it gives",
    ),
    LeftAlive(
        "legacy_import/undo/take_back.py",
        "grew = cursor.rowcount > 0",
        "grew = cursor.rowcount > 1",
        "a row found alone whose twin is found alone in the next round: no test has so long a chain",
    ),
)


def reason_for(mutant: Mutant, source: str) -> str:
    """Return why the mutant was left alive; empty where it was not."""
    before, after = mutant.changed_lines(source)
    for one in LEFT_ALIVE:
        if (one.path, one.before, one.after) == (mutant.path, before, after):
            return one.reason
    return ""
