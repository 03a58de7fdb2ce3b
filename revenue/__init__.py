"""Opportunities, A/B tests, recommendations and cross-platform content."""
