"""The diff: which rows of a snapshot differ from the one imported last, so that an import carries only these."""
