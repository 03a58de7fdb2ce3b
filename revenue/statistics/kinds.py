"""The kinds of verdict. When each is given: verdict.py and, of whole tests, revenue.ab_testing.outcome."""

from enum import StrEnum


class VerdictKind(StrEnum):
    """What can be said of a test; the values are stable, pages use them as names.

    The first nine follow from the counts alone, the others from what is stored of the test as well.
    """

    RATIO_MISMATCH = "ratio_mismatch"
    NOT_A_RATE = "not_a_rate"
    UNUSABLE_SHARES = "unusable_shares"
    NOTHING_TO_COMPARE = "nothing_to_compare"
    COLLECTING = "collecting"
    STALLED = "stalled"
    NO_DIFFERENCE = "no_difference"
    WINNER_TO_CONFIRM = "winner_to_confirm"
    CONTROL_TO_CONFIRM = "control_to_confirm"

    MIXED_METRICS = "mixed_metrics"
    NOT_STARTED = "not_started"
    CONFIRMED = "confirmed"
    STORED_WINNER = "stored_winner"
    COMPLETED = "completed"

    @property
    def is_traffic_fault(self) -> bool:
        """Say whether the traffic, or the plan for it, has to be mended before anything else is worth saying."""
        return self in {VerdictKind.RATIO_MISMATCH, VerdictKind.UNUSABLE_SHARES}
