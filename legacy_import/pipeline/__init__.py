"""The stages a legacy row passes, in the order of the data; source_import.py is the sequence.

The way of a row, for one source, in one transaction:

1. source_lock            take the source's advisory lock (pg_try_advisory_xact_lock)
2. snapshot/              copy the live file by SQLite's online backup API, quick_check it, keep it by its checksum
3. stage/schema_drift     compare the file's tables and columns with the declaration and with the last import
4. stage/stage, extract   CREATE TEMPORARY TABLE stage_N (a staging table of text), COPY the cells into it, give rows
                          without a key a surrogate key
5. source_lock            take the turn to merge into the database (pg_advisory_xact_lock); a first load also locks the
                          target tables against writers (LOCK TABLE … IN EXCLUSIVE MODE)
   merge_attempts         note the change mark and begin; all of this is begun anew from here where a person changed a
                          row that it wrote (SELECT … FROM change_log), which is asked at the end
   From here on table by table, parents first:
6. edits                  gather what people changed since the last import (SELECT … FROM change_log JOIN ledger)
7. merge/absent_rows      UPDATE ledger: rows that have left the file get the tombstone `gone`
8. judge/settlements      put people's fixes in place of cells, archive the rows they accepted as archived
9. judge/rules, judge     move rows that break a rule to the quarantine (INSERT INTO ledger … state `quarantined`)
10. merge/rekey           rows whose identity changed keep their target row under a new key (UPDATE)
11. classify              decide per row: insert, update, take_over, merge, deleted … (CREATE TABLE classification)
12. row_locks, merge/merge
                          lock the rows that are written (SELECT … FOR NO KEY UPDATE SKIP LOCKED); INSERT and UPDATE the
                          target by three-way merge: `update_target_sql` lets a person's edit win; upsert the ledger
                          (INSERT … ON CONFLICT DO UPDATE), with residue and merge base
13. divergence/           upsert the fields on which a source and an edit, or two sources, differ
   After the tables:
14. archive               rows of tables without a target go into the ledger whole, as `archived`
15. merge/relink          promote twins of owners that left, point orphans to parents that came later (UPDATE)

Which columns a source fills (week3, say): `legacy_import/sources/`, pure data, read through `Stage.target_columns`.
Importing the same file again changes nothing: every step is idempotent.
"""
