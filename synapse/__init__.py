"""Synapse: 13 legacy SQLite files, consolidated into 3 PostgreSQL databases."""
