"""The operator's one place: workers, jobs and what they left for a person, and how the consolidation stands.

What lives here: the pages under /admin/operations/. What does not: running jobs (synapse.job_base), the schedules' own
pages (synapse.admin.jobs), the import's pages (legacy_import.admin).
"""
