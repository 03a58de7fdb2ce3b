"""The quarantine desk: what could not land, why, and what people decide about it."""
