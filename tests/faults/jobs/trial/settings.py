"""The project's settings and the trial jobs, for the real processes that the long tests start."""

from synapse.settings import *  # noqa: F403
from synapse.settings import INSTALLED_APPS as _INSTALLED_APPS
from synapse.settings import Q_CLUSTER as _Q_CLUSTER

INSTALLED_APPS = [*_INSTALLED_APPS, "tests.faults.jobs.trial"]
Q_CLUSTER = {**_Q_CLUSTER, "broker_class": "tests.faults.jobs.trial.stages.StoppingBroker"}
