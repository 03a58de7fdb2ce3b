"""Whether Synapse is well: for load balancers, for monitoring, and for the people who read its pages."""
