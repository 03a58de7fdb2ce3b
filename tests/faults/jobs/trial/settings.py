"""The project's settings and the trial jobs, for the real processes that the long tests start."""

from synapse.settings import *  # noqa: F403
from synapse.settings import INSTALLED_APPS as _INSTALLED_APPS

INSTALLED_APPS = [*_INSTALLED_APPS, "tests.faults.jobs.trial"]
