"""Rebuilding the legacy files from PostgreSQL alone: from target rows, the ledger and stored schemas."""
