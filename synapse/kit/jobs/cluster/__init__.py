"""Keeping a django-q cluster alive: its heartbeat, its processes, and the messages its dead workers had taken.

What lives here: all that `manage.py supervise_jobs` does, and the worker's side of the heartbeat. What does not: how
it stands, for pages (kit.jobs.cluster_health), and the runs themselves (kit.jobs.performing).
"""
