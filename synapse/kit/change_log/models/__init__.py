"""The change log's table, and one window on it per database."""

from synapse.kit.change_log.models.change_log_entry import (
    AnalyticsChange,
    BusinessCoreChange,
    ChangeLogEntry,
    Operation,
    RevenueChange,
)

__all__ = ["AnalyticsChange", "BusinessCoreChange", "ChangeLogEntry", "Operation", "RevenueChange"]
