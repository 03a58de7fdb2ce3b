"""Liveness, readiness and metrics for monitoring programs, and the line about stale data for people.

What is judged is written down by the supervisor, jobs and imports; the apps judge their own data with probes
(synapse.kit.panels.health).
"""
