"""Former names of the jobs' entry points, for one release: messages queued before version 0.2 carry them.

A queue that was filled by 0.1 is worked off by 0.2. Remove this package in 0.3 (docs/adr/0018-three-floors.md).
"""
