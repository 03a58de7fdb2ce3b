"""Whether all is well, for machines and people: liveness, readiness, metrics, and the line about stale data.

What lives here: judging and showing. What does not: what supervisors, jobs and imports write down (kit.jobs,
legacy_import), and the operator's page (console.operations).
"""
