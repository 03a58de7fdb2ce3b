"""What every admin page of Synapse stands on: bases of editable and read-only pages, panels, filters."""

from synapse.admin_base.filters import KnownValuesFilter, known_values_filter
from synapse.admin_base.looking import ReadOnlyAdmin, ViewAdmin
from synapse.admin_base.panels import Panel, register_panel
from synapse.admin_base.ranges import DayRangeFilter, NumberRangeFilter
from synapse.admin_base.refreshable import RefreshableViewAdmin, ShownAge, shown_age
from synapse.admin_base.tables import ExactFields, TableAdmin, TableInline, save_changed_columns

__all__ = [
    "DayRangeFilter",
    "ExactFields",
    "KnownValuesFilter",
    "NumberRangeFilter",
    "Panel",
    "ReadOnlyAdmin",
    "RefreshableViewAdmin",
    "ShownAge",
    "TableAdmin",
    "TableInline",
    "ViewAdmin",
    "known_values_filter",
    "register_panel",
    "save_changed_columns",
    "shown_age",
]
