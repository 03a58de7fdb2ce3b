"""Jobs: work that runs by the clock or on demand, delivered at least once, with each effect exactly once.

The life of a run, and the module of each step:

1. An app's module `jobs` declares a Job (job.py) and registers it by name (registry.py).
2. `migrate_all` gives a job with a cron its django-q schedule (schedules.py); others are asked for (queueing.py).
3. A tick or queue_run inserts a JobRun row (models/job_run.py), idempotent: its unique key makes asking twice one run.
4. A message in django-q's queue tells a worker of the run (messages.py), at least once; the row decides what is done.
5. A worker performs the run (performing.py) while it holds the run's advisory locks (run_locks.py).
6. The attempt is counted before the work begins (attempts.py), so that a job that kills its worker is given up too.
7. The job's code does each effect in `Work.idempotent_step` (work.py): its idempotency key commits with the effect.
8. A failed attempt is tried again with exponential back-off, from `retry_after` (attempts.py).
9. After `attempts`, or at a NeedsPersonError (errors.py), it is given up: a notice asks for a person (kit.notices).
10. Old runs and keys are deleted (pruning.py).

What happens to a run whose worker is killed or hangs is cluster/'s. Pages of jobs are synapse.console.operations'.
"""
