"""The proof that PostgreSQL and the legacy files agree."""
