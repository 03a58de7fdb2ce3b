"""A process supervisor for one django-q cluster: what happens when a process of it is killed, hangs or freezes.

django-q's cluster is a sentinel process with a pusher (takes messages from the queue), workers (perform them) and a
monitor (acknowledges them). `manage.py supervise_jobs` runs cluster_supervisor.py, which starts the cluster as a child
and looks at it twice a second:

- A worker is killed: its mark (worker_marks) outlives it, which processes.py finds; the sentinel forks a new one, the
  orphan processes of its job are killed, its run is queued again (requeueing.requeue_dead_runs) and counts an attempt.
- A worker is busy past its job's time limit (kit.jobs.messages): django-q's sentinel ends it; the failed attempt is
  retried (kit.jobs.attempts).
- No worker answers a heartbeat, a message through the queue (heartbeat.py, broker.py), within its grace period: the
  queue between the processes is stuck and the whole cluster is killed and started again (liveness.py decides).
- A process hangs (frozen, under SIGSTOP or a debugger): after JOB_GRACE_SECONDS it is killed; only SIGKILL reaches it
  (frozen_processes.py).
- The sentinel hangs, so that a killed worker is not replaced: the cluster is restarted (sentinel_watch.py).
- The monitor hangs, so that answered heartbeats stay in the queue: the cluster is restarted (monitor_watch.py).
- The supervisor is killed: its cluster's processes die with it (foundation.processes.parent_death); the next
  supervisor, or another one on this machine, closes its row and requeues what it had taken (peer_clusters.py,
  requeueing.py).

Every such trouble has its sentence (trouble.py), in the cluster's row and in a notice (cluster_rows.py). How a cluster
is doing, for pages, is read by kit.jobs.cluster_health.
"""
