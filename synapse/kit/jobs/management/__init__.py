"""The jobs app's commands."""
