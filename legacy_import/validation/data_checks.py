"""The checks of one source or one database: each function gathers what the comparing modules find into verdicts.

Called by `migration_validator`, which decides what runs when and catches what fails.
"""

from decimal import Decimal

from legacy_import.pipeline.progress import Progress
from legacy_import.pipeline.row_loss import RowLoss, TableLoss, count_held_rows, count_missing_rows
from legacy_import.pipeline.target_table import target_table_of
from legacy_import.source_decisions import find_loss_question, is_deletion_confirmed, loss_sentence
from legacy_import.sources import sources_of_database
from legacy_import.validation.check import MISSING_ROWS, Check
from legacy_import.validation.clocks import ClockCount, find_clock_differences
from legacy_import.validation.differences import NEWER_REMARK, Difference, Tally
from legacy_import.validation.inquiry_access import Place
from legacy_import.validation.integrity import find_differences
from legacy_import.validation.legacy_files import Reading, open_read_transaction
from legacy_import.validation.pipeline_value import PipelineValue, measure_pipeline_value
from legacy_import.validation.reachability import measure_reachability
from legacy_import.validation.signatures import find_unsigned_additions
from legacy_import.validation.staged_tables import stage_tables
from legacy_import.validation.unsigned_changes import find_unsigned_changes
from synapse.foundation.databases import BUSINESS_CORE, DATABASE_NAMES


def check_cells(reading: Reading, progress: Progress) -> list[Check]:
    """Every cell is what PostgreSQL would write in its place, every timestamp the instant that Python reads."""
    cells, clocks, count = Tally(), Tally(), ClockCount()
    rows_compared = cells_compared = 0
    # Only a changed file can lack rows that were imported from it.
    held = count_held_rows(reading.cursor, reading.source.name) if reading.changed else {}
    missing = dict(held)
    for table in stage_tables(reading, progress):
        if rows := held.get(table.stage.legacy.name):
            missing[table.stage.legacy.name] = count_missing_rows(reading.cursor, table.stage, held=rows)
        rows_compared += table.stage.rows
        cells_compared += table.stage.rows * len(table.common_columns)
        cells.add_differences(find_differences(table))
        clocks.add_differences(find_clock_differences(table, count))
    name, alias = reading.source.name, reading.source.database
    integrity = Check(
        f"{name}: data integrity",
        alias,
        passed=cells.all_explained,
        detail=cells.describe_differences(f"{rows_compared:,} rows compared cell by cell"),
        differences=cells.kept_differences,
        figures={"rows": rows_compared, "cells": cells_compared},
    )
    loss = RowLoss(tuple(TableLoss(name, rows, missing[name]) for name, rows in sorted(held.items())))
    found = [_missing_rows_check(reading, loss), integrity] if loss.needs_answer else [integrity]
    if not count.compared and not clocks.counts:
        return found
    told = Check(
        f"{name}: clocks",
        alias,
        passed=clocks.all_explained,
        detail=clocks.describe_differences(count.describe_counts()),
        differences=clocks.kept_differences,
    )
    return [*found, told]


def _missing_rows_check(reading: Reading, loss: RowLoss) -> Check:
    """Most rows of the file are missing: it passes only where a person said that they were deleted."""
    source = reading.source
    question = find_loss_question(source.name, reading.sha256)
    if confirmed := is_deletion_confirmed(source.name, reading.sha256):
        detail = f"the file has lost {loss.describe_loss()}; they were deleted, and the next import marks them absent"
    else:
        detail = loss_sentence(source, loss, sha256=reading.sha256, question=question)
    return Check(f"{source.name}: {MISSING_ROWS}", source.database, passed=confirmed, detail=detail)


def check_additions(alias: str) -> Check:
    """Every row that no import brought was made, and every cell that no file fills was changed, by who signed."""
    sources = list(sources_of_database(alias))
    targets = {target_table_of(table.model) for source in sources for table in source.tables}
    tally = Tally()
    with open_read_transaction(alias) as cursor:
        for target in sorted(targets, key=lambda target: target.name):
            tally.add_differences(
                Difference("unexplained", target.name, key, "", "a row", None)
                for key in find_unsigned_additions(cursor, target)
            )
            tally.add_differences(find_unsigned_changes(cursor, target, sources))
    detail = tally.describe_differences(
        "every row came from an import or is signed, as is every change of what no file fills"
    )
    return Check(f"{DATABASE_NAMES[alias]}: rows made here", alias, tally.all_explained, detail, tally.kept_differences)


def check_pipeline(reading: Reading) -> tuple[Check, PipelineValue]:
    """The source's inquiries can all be opened, and are worth the same once what is signed is taken back."""
    value = measure_pipeline_value(reading)
    reached, lost = measure_reachability(reading)
    value.tally.add_differences(lost)
    # A changed file's sum may differ by rows that the next import brings; what is not signed still fails.
    agree = value.sums_agree or (reading.changed and value.tally.all_explained)
    detail = (
        value.tally.describe_differences(value.describe_value())
        if not value.tally.all_explained
        else value.describe_value()
    )
    if not value.sums_agree and value.tally.all_explained:
        rest = value.value_there - value.value_here - value.explained
        detail += NEWER_REMARK if reading.changed else f"; {rest:+,.2f} that nobody signed: see the data integrity"
    if not reached.is_full:
        detail += f"; not every inquiry can be reached: {reached.as_line()}"
    detail = "; ".join(filter(None, [value.access.describe_worth(), detail]))
    check = Check(
        f"{reading.source.name}: consultation pipeline",
        reading.source.database,
        passed=agree and reached.is_full and value.access.is_full,
        detail=detail,
        differences=value.tally.kept_differences,
        lines=(reached.as_line(),),
        figures=value.access.as_figures(),
    )
    return check, value


def check_whole_pipeline(values: dict[str, PipelineValue], *, passed: bool) -> Check:
    """All sources' inquiries on one line, beside what the table holds."""
    total = sum(values.values(), PipelineValue())
    with open_read_transaction(BUSINESS_CORE) as cursor:
        cursor.execute("SELECT count(*), coalesce(sum(estimated_value), 0) FROM consultation_inquiries")
        held, worth = cursor.fetchone()
    detail = total.describe_value().replace("in the file", "in the files")
    if (held, worth) != (total.inquiries_here, total.value_here):
        detail += f"; in all the table holds {held:,} worth {worth:,.2f}"
    detail = "; ".join(filter(None, [total.access.describe_worth(), detail]))
    return Check(
        "all sources: consultation pipeline",
        BUSINESS_CORE,
        passed=passed,
        detail=detail,
        lines=tuple(
            {
                "source": source,
                "inquiries in the file": value.inquiries_there,
                "worth in the file": f"{value.value_there:,.2f}",
                "inquiries here": value.inquiries_here,
                "worth here": f"{value.value_here:,.2f}",
                "explained": f"{value.explained:,.2f}",
                "in quarantine": value.access.worth[Place.WAITING].inquiries,
                "worth in quarantine": value.access.worth[Place.WAITING].format_value(),
            }
            for source, value in values.items()
        ),
        figures={"inquiries": held, "value": str(Decimal(worth).quantize(Decimal("0.01")))} | total.access.as_figures(),
    )
