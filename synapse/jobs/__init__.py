"""The jobs that concern more than one app: imported when the program starts, so that they are registered.

What lives here: these jobs. What does not: what every job stands on (synapse.job_base), each app's own jobs.
"""

from synapse.jobs import judge_predictions
from synapse.jobs.prune import PRUNE
from synapse.jobs.refresh_views import REFRESH_VIEWS

__all__ = ["PRUNE", "REFRESH_VIEWS", "judge_predictions"]
