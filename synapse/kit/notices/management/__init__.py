"""The notices app's commands."""
