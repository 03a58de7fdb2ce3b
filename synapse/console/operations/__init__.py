"""The operator's one place: workers, jobs and what they left for a person, and how the consolidation stands.

What lives here: the pages under /admin/operations/. What does not: running jobs (synapse.kit.jobs), the schedules' own
pages (synapse.console.operations.schedule_admin), the import's pages (legacy_import.admin).
"""
