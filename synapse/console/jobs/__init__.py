"""The jobs that concern more than one app; imported when the program starts, so that they are registered."""

from synapse.console.jobs import judge_predictions
from synapse.console.jobs.prune import PRUNE
from synapse.console.jobs.refresh_views import REFRESH_VIEWS

__all__ = ["PRUNE", "REFRESH_VIEWS", "judge_predictions"]
