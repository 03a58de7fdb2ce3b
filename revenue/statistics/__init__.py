"""The statistics of A/B tests: pure functions over frozen dataclasses.

What lives here: what a test's counts allow to be said (`judge`), and each formula behind it in a module of its own.
What does not: Django, the database, pages. Probabilities and rates are floats between 0 and 1; a lift is relative to
the control (0.2 is 20 % more); None means that a quantity cannot be computed, never zero.
"""
