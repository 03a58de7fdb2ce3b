"""The business core's page of numbers: the pipeline, its stages, and where its money comes from."""
