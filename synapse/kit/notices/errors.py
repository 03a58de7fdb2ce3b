"""The error of a notice that can't be raised: a mistake of the calling code."""


class NoticeError(ValueError):
    """A notice that can't be raised as it is; the calling code is to be corrected."""
