"""What can be wrong with a notice that somebody wants to raise."""


class NoticeError(ValueError):
    """A notice that can't be raised as it is; the caller's code is to be mended."""
