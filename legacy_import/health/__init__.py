"""The import's health probe: how old the sync and the validation are, and what waits for a person, per database.

    facts       read from the tables, as part of the console's one query
    lateness    from when on each is late
    parts       judged for readiness and for the line about stale data
    metrics     written out for Prometheus

Registered in legacy_import.panels (synapse.kit.panels.health).
"""
