"""The statistics of A/B tests: pure functions over frozen dataclasses, called by revenue.ab_testing and the calculator.

`verdict.judge_counts` says what a test's counts allow to be said; each formula behind it has a module of its own.
Nothing here knows Django, the database or pages. Probabilities and rates are floats between 0 and 1; a lift is relative
to the control (0.2 is 20 % more); None means that a quantity cannot be computed, never zero.

What comes from a library, and what does not. Measured with Python 3.11, scipy 1.17 and statsmodels 0.14 on two cores:

    normal quantiles            statistics.NormalDist.inv_cdf (the standard library; scipy.special.ndtri: same digits)
    normal tails                math.erfc (the standard library; scipy.special.ndtr: same to 4e-14)
    chi-square tails            scipy.special.chdtrc
    incomplete Beta, Gauss      scipy.special.betainc, numpy.polynomial.legendre.leggauss
    Wilson, Fisher, Pearson's   written here: scipy has them in scipy.stats only, whose import takes 0.75 s and 86 MB
    statistic                   in each process, against 0.25 s and 40 MB of scipy.special; and the list of 50 tests
                                would take 261 ms of processor time instead of 147 ms
    Holm, power                 written here: scipy has neither for these tests; statsmodels takes 1.2 s and 131 MB
    confidence sequence,        written here: neither library has the first; the second is integrated by quadrature, so
    chance to be best           that the same counts always give the same digits

Where scipy has the same formula, the tests compare the two.
"""
