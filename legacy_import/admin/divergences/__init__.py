"""The pages of the divergences: where two sides say different things of one field, and which is chosen."""
