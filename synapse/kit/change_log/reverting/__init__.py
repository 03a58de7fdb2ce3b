"""Taking changes back: what they did in sum, what of it still stands, and the statements that put it back.

What lives here: the steps, each a few SQL statements over whole sets. What does not: the verb that runs them in one
transaction (synapse.kit.change_log.reverting.revert), and who may (synapse.kit.change_log.permissions). The steps hand
on to each other in temporary tables named revert_…, which end with the transaction.
"""
