"""Validation: the proof that PostgreSQL and the legacy files agree, cell by cell.

`migration_validator.MigrationValidator` runs these checks; each topic is what the report and the JSON call it:

- record counts: every row of a file is accounted for (`record_counts`).
- rows made here: what no import brought is signed (`signatures`, `unsigned_changes`).
- data integrity: every cell is what PostgreSQL would write back (`staged_tables`, `integrity`, `fixes`).
- missing rows: a changed file that lacks most of its imported rows (`pipeline.row_loss`).
- clocks: every timestamp is read a second time, without the importer's code (`clocks`, `clock_readings`).
- references: references across databases resolve here as in the files (`references`, `cross_references`).
- consultation pipeline: every inquiry of the files can be opened or was settled (`accessibility`), is found where
  people look (`reachability`), and the sums are equal to the cent (`pipeline_value`, `amounts`).
- current_pipeline_summary: the view's figures from the files alone (`pipeline_summary`).
- query performance: 95th percentiles of the named queries (`query_performance`, `queries/`).
- withdrawn: sources whose file was deleted for good; compared with their last snapshot (`migration_validator`).
- imported snapshot, legacy file: what could not be read (`migration_validator`, `legacy_files`).

`data_checks` gathers what the comparing modules find into checks, `both_sides` compares a changed file twice. A
`report` is drawn by `html_report` and kept by `kept_report`. Called by `services.validating`.
"""
