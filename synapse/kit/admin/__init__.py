"""The admin: its one site, and the bases and mixins of every page.

editable, exact_fields         TableAdmin and TableInline, the bases of editable pages, and their form fields
concurrent_edits/              two people on one row: three-way merge, row locks, idempotent adds
read_only, refreshable         the bases of read-only pages and of materialized views
delete_pages, bulk_delete      deleting one row or many, with a plan that is confirmed
import_pages, export_pages     imports and exports (the work itself: synapse.kit.import_export)
unique_rows                    unique values among the inline rows of one parent
panels                         parts of a row's page that other rooms register
filters, range_filters, totals, search, site, accessible_names, permissions, unfold_classes
"""
