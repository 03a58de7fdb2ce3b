"""The first page of a working day: the panels that the apps register, each for the people who may see it."""
