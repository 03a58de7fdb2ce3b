"""The operator's page under /admin/operations/: workers, jobs, runs that need a person, and the apps' own panels.

Running jobs is synapse.kit.jobs'; this package shows them and calls its functions. The lists of schedules and messages
are schedule_admin's.
"""
