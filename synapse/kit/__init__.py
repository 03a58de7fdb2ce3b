"""The middle floor: what the apps build their admin pages, jobs, dashboards, notices and imports with."""
