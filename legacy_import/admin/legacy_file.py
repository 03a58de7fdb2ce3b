"""The pages of the legacy files' shapes: the tables, columns, pragmas and CREATE statements they are rebuilt from."""

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from legacy_import.admin.database_page import DatabaseAdmin
from legacy_import.admin.tables import format_json, html_table, preserve_whitespace
from legacy_import.cell_display import visible
from legacy_import.models import AnalyticsLegacyFile, BusinessCoreLegacyFile, LegacyFile, RevenueLegacyFile
from legacy_import.pipeline.stage.legacy_schema import LegacySchema


@admin.register(BusinessCoreLegacyFile, AnalyticsLegacyFile, RevenueLegacyFile)
class LegacyFileAdmin(DatabaseAdmin[LegacyFile]):
    """What it takes to rebuild each imported file around its rows."""

    list_display = ["source", "path", "table_names"]
    ordering = ["source"]
    fields = ["source", "path", "table_list", "pragma_list", "statement_list"]

    @admin.display(description="tables")
    def table_names(self, file: LegacyFile) -> str:
        """Return the names of the file's tables."""
        return ", ".join(visible(table.name) for table in _legacy_schema(file).tables)

    @admin.display(description="tables")
    def table_list(self, file: LegacyFile) -> SafeString:
        """Return the tables with their columns."""
        lines = []
        for table in _legacy_schema(file).tables:
            columns = (
                visible(f"{column.name} {column.declared_type}".strip()) + (" (key)" if column.key_position else "")
                for column in table.columns
            )
            lines.append((visible(table.name), ", ".join(columns)))
        return html_table(["table", "columns"], lines)

    @admin.display(description="pragmas")
    def pragma_list(self, file: LegacyFile) -> SafeString:
        """Return the file's pragmas."""
        return html_table(["pragma", "value"], ((name, format_json(value)) for name, value in file.pragmas.items()))

    @admin.display(description="CREATE statements")
    def statement_list(self, file: LegacyFile) -> SafeString | str:
        """Return the statements in the order of the file."""
        statements = ((preserve_whitespace(visible(sql)),) for _, _, sql in _legacy_schema(file).statements)
        return format_html_join("", "<p>{}</p>", statements) or "-"


def _legacy_schema(file: LegacyFile) -> LegacySchema:
    return LegacySchema.from_json(file.schema, file.pragmas)
