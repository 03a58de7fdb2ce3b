"""The error of a refused revert."""


class RevertRefusedError(Exception):
    """Nothing was taken back; the message says why and what to do, for a person."""
