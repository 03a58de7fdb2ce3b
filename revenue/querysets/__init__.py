"""Reads of the revenue tables that more than one page needs."""
