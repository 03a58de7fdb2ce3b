"""An app for tests alone: jobs that take their time, and jobs that kill what runs them."""
