"""References: a parent row that the run inserted stays where a row that stays refers to it.

Without this the database itself would set the reference to NULL, or delete the row that holds it (ON DELETE), and a
person's work would be lost.
"""

from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper

from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.target_table import TargetTable


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A column of the child table that points to the parent's key."""

    child: str
    child_key: str
    column: str
    parent: str
    parent_key: str
    is_logged: bool
    """Whether the change log records the child's changes."""

    def clear_lost_references_sql(self) -> str:
        """Return SQL that empties references about to be put back to parents that are gone, and lists them as left."""
        child, column = literal(self.child), literal(self.column)
        return f"""
            WITH lost AS (
                UPDATE undo_changed AS u SET back = u.back || jsonb_build_object({column}, NULL)
                WHERE u.table_name = {child} AND u.back ->> {column} IS NOT NULL
                  AND NOT EXISTS (SELECT FROM {identifier(self.parent)} AS p
                                  WHERE p.{identifier(self.parent_key)}::text = u.back ->> {column})
                  AND NOT EXISTS (SELECT FROM undo_changed AS p WHERE p.table_name = {literal(self.parent)}
                                  AND p.before_key::text = u.back ->> {column})
                RETURNING u.table_name, u.before_key, u.after_key
            )
            INSERT INTO undo_left
            SELECT l.table_name, l.after_key, {column}, NULL, 'what it referred to was deleted here: refers to nothing'
            FROM lost AS l
        """

    def keep_referenced_parents_sql(self) -> str:
        """Return SQL that lets inserted parents stay to which a child refers that stays, and lists them as left."""
        child, parent = literal(self.child), literal(self.parent)
        who = (
            f"(SELECT string_agg(DISTINCT c.author, ', ') FROM change_log AS c"
            f" WHERE c.table_name = {child} AND c.row_key = h.child::uuid AND c.import_run IS NULL)"
            if self.is_logged
            else "NULL"
        )
        return f"""
            WITH held AS (
                SELECT c.{identifier(self.column)} AS key, min(c.{identifier(self.child_key)}::text) AS child,
                       count(*) AS children
                FROM {identifier(self.child)} AS c
                JOIN undo_inserted AS i
                  ON i.table_name = {parent} AND i.key = c.{identifier(self.column)} AND NOT i.stays
                WHERE NOT EXISTS (SELECT FROM undo_inserted AS x WHERE x.table_name = {child} AND NOT x.stays
                                  AND x.key::text = c.{identifier(self.child_key)}::text)
                  AND NOT EXISTS (SELECT FROM undo_changed AS u WHERE u.table_name = {child} AND NOT u.deleted
                                  AND u.after_key::text = c.{identifier(self.child_key)}::text
                                  AND u.back ? {literal(self.column)})
                GROUP BY 1
            ), listed AS (
                INSERT INTO undo_left
                SELECT {parent}, h.key, '', {who}, 'the row stays: ' || {child} || ' ' || h.child
                   || CASE WHEN h.children > 1 THEN ' and ' || h.children - 1 || ' more' ELSE '' END || ' refer'
                   || CASE WHEN h.children > 1 THEN '' ELSE 's' END || ' to it'
                FROM held AS h
            )
            UPDATE undo_inserted AS i SET stays = true FROM held AS h WHERE i.table_name = {parent} AND i.key = h.key
        """


def foreign_keys(cursor: CursorWrapper, targets: tuple[TargetTable, ...]) -> list[ForeignKey]:
    """Return the foreign keys that point to a target table, also those of tables that no import fills."""
    cursor.execute(
        """
        SELECT child.relname, pk.attname, fk.attname, parent.relname, ref.attname, child.relname = ANY(%(names)s)
        FROM pg_constraint AS c
        JOIN pg_class AS child ON child.oid = c.conrelid
        JOIN pg_class AS parent ON parent.oid = c.confrelid
        JOIN pg_attribute AS fk ON fk.attrelid = child.oid AND fk.attnum = c.conkey[1]
        JOIN pg_attribute AS ref ON ref.attrelid = parent.oid AND ref.attnum = c.confkey[1]
        JOIN pg_constraint AS p ON p.conrelid = child.oid AND p.contype = 'p'
        JOIN pg_attribute AS pk ON pk.attrelid = child.oid AND pk.attnum = p.conkey[1]
        WHERE c.contype = 'f' AND cardinality(c.conkey) = 1 AND parent.relname = ANY(%(names)s)
          AND parent.relnamespace = 'public'::regnamespace
        ORDER BY c.conname
        """,
        {"names": [target.name for target in targets]},
    )
    return [ForeignKey(*names) for names in cursor.fetchall()]


def keep_referenced_parents(cursor: CursorWrapper, keys: list[ForeignKey]) -> None:
    """Let each inserted row stay to which a row that stays refers, and put back no reference to a row that is gone."""
    for key in keys:
        cursor.execute(key.clear_lost_references_sql())
    # To a fixed point: a parent that stays may itself refer to an inserted row.
    held = True
    while held:
        held = False
        for key in keys:
            cursor.execute(key.keep_referenced_parents_sql())
            held = held or cursor.rowcount > 0
