"""What every job stands on: declaring it, queueing it, performing it once, and what became of it.

What lives here: the base, and the processes that do the work (cluster/).
What does not: the jobs themselves (each app's module `jobs`), their pages (synapse.console.operations).
"""
