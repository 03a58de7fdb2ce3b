"""What the apps tell the console's pages: registries of panels, health probes and prune steps, one module per page."""
