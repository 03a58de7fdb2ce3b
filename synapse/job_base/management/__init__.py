"""The job_base app's commands."""
