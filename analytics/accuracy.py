"""The accuracy of a prediction: one number from 0 to 1, by a symmetric ratio of predicted and actual figures.

services.predictions says which predictions are judged, and by which figures.

    accuracy  = (agreement(rate, actual rate) + agreement(requests + 1, actual requests + 1)) / 2
    agreement = the smaller of the two / the larger; 1 where they are equal, 0 where just one is 0

It is symmetric: twice too much is as wrong as half of it, 0.5 both ways. It needs no unit, so that a rate and a count
weigh the same; but both rates must be ratios, as the columns are: a prediction in percent beside an actual ratio is a
hundred times off, and its accuracy says so. Requests are counted from one: they are few, and none where one was
predicted (0.5) is no total miss, while none where nine were predicted (0.1) nearly is. For a rate there is no such
mercy: nothing at all where something was predicted is 0.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

FOUR_DECIMALS: Final = Decimal("0.0001")
"""As the column stores ratios."""


def prediction_accuracy(
    *, predicted_rate: Decimal, actual_rate: Decimal, predicted_requests: int, actual_requests: int
) -> Decimal:
    """Return the accuracy, from 0 to 1 with four decimals, half a last one rounded up; rates are ratios."""
    rates = _agreement_ratio(predicted_rate, actual_rate)
    requests = _agreement_ratio(Decimal(predicted_requests) + 1, Decimal(actual_requests) + 1)
    return ((rates + requests) / 2).quantize(FOUR_DECIMALS, ROUND_HALF_UP)


def _agreement_ratio(one: Decimal, other: Decimal) -> Decimal:
    """Return the smaller of two figures over the larger, from 0 to 1; 1 where they are equal."""
    low, high = min(one, other), max(one, other)
    if low == high:
        return Decimal(1)
    # A legacy count may be below nought: nothing agrees with that but itself.
    return max(low, Decimal(0)) / high if high > 0 else Decimal(0)
