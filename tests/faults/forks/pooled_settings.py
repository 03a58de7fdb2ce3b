"""The settings with a pool in every program, also in those that have none for good reason: commands and workers."""

from synapse.foundation.connection_pools import with_pools
from synapse.settings import *  # noqa: F403
from synapse.settings import DATABASES as UNPOOLED

DATABASES = with_pools(UNPOOLED, processes=4, threads=4)
