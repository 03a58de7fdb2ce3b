"""System checks (`manage.py check`): every declared source is consistent with itself and with the models.

What a file has at run time is checked by legacy_import.pipeline.stage.schema_drift.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from legacy_import.mapping import Source, Table
from legacy_import.pipeline.target_table import target_table_of
from legacy_import.sources import SOURCES
from synapse.foundation.router import SynapseRouter

TESTS_OF_SOURCES = "tests/integration/legacy_import/sources"
"""Where each source has a test of its own, test_<name>.py."""


@register("legacy_import")
def check_sources(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django passes it to every check
    **options: Any,  # noqa: ARG001 - likewise
) -> list[CheckMessage]:
    """Return one error for each mistake in the declared sources."""
    return [Error(sentence, id=f"legacy_import.{code}") for code, sentence in find_source_mistakes(SOURCES)]


def find_source_mistakes(sources: tuple[Source, ...]) -> Iterator[tuple[str, str]]:
    """Yield (code, sentence) for each mistake."""
    yield from _find_repeated_name_mistakes("E001", "sources", [source.name for source in sources], "name")
    yield from _find_repeated_name_mistakes("E002", "sources", [source.path for source in sources], "path")
    ranks = [f"{source.database} {source.rank}" for source in sources]
    yield from _find_repeated_name_mistakes("E003", "sources", ranks, "database and rank")
    for source in sources:
        folder = settings.BASE_DIR / TESTS_OF_SOURCES
        # An installation without the tests has nothing to check here.
        if folder.is_dir() and not (folder / f"test_{source.name}.py").is_file():
            yield "E020", f"{source.name}: write its test, {TESTS_OF_SOURCES}/test_{source.name}.py"
        yield from _find_repeated_name_mistakes(
            "E004", source.name, [table.name for table in source.tables], "legacy table"
        )
        for table in source.tables:
            yield from _table_mistakes(source, table)


def _table_mistakes(source: Source, table: Table) -> Iterator[tuple[str, str]]:
    place = f"{source.name}/{table.name}"
    try:
        model = apps.get_model(table.model)
    except (LookupError, ValueError):
        yield "E010", f"{place}: there is no model {table.model}"
        return
    home = SynapseRouter().db_for_write(model)
    if home != source.database:
        yield "E011", f"{place}: {table.model} lives in {home}, the source in {source.database}"
    fields = {field.column for field in model._meta.concrete_fields}
    targets = [column.target for column in table.columns if column.target] + list(table.constants)
    for target in targets:
        if target not in fields:
            yield "E012", f"{place}: {table.model} has no column {target}"
    yield from _find_repeated_name_mistakes("E013", place, targets, "target column")
    yield from _find_repeated_name_mistakes(
        "E014", place, [name for c in table.columns for name in c.legacy_names], "legacy column"
    )
    yield from _identity_mistakes(table, place)
    filled = target_table_of(table.model)
    for column in sorted(filled.required.difference(targets, filled.defaults, {filled.key})):
        yield "E017", f"{place}: {filled.name}.{column} demands a value and nothing fills it"


def _identity_mistakes(table: Table, place: str) -> Iterator[tuple[str, str]]:
    for name in (table.key, *table.identity):
        if name not in table.declared_names:
            yield "E015", f"{place}: the key or identity names {name}, which no column maps"


def _find_repeated_name_mistakes(code: str, place: str, names: list[str], what: str) -> Iterator[tuple[str, str]]:
    for name, times in Counter(names).items():
        if times > 1:
            yield code, f"{place}: {what} {name} is declared {times} times"
