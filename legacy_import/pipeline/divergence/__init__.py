"""Divergences: fields on which two sources, or a source and an edit made here, differ, and who changed a field last."""
