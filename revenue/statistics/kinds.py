"""The kinds of verdict. What does not live here: when each is given (verdict.py), what it says (wording.py)."""

from enum import StrEnum


class VerdictKind(StrEnum):
    """What can be said of a test; the values are stable, pages may use them as names."""

    COLLECTING = "collecting"
    NOT_A_RATE = "not_a_rate"
    RATIO_MISMATCH = "ratio_mismatch"
    NO_DIFFERENCE = "no_difference"
    WINNER_TO_CONFIRM = "winner_to_confirm"
