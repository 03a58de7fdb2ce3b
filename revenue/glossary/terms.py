"""The terms, in the order in which a result page uses them.

What lives here: data. Anchors are addresses: other pages link to them, so they stay as they are.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Term:
    """A word, what it means, and, where there is one, how to read it on the page; `related` are anchors."""

    anchor: str
    name: str
    meaning: str
    reading: str = ""
    related: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chapter:
    """Terms that belong together."""

    title: str
    terms: tuple[Term, ...]


_COUNTED: Final = Chapter(
    "What is counted",
    (
        Term(
            "control",
            "Control and variants",
            "The control is the first variant: what you did so far. Every other variant is compared with it.",
        ),
        Term("impressions", "Impressions", "How often a variant was shown. One person may be several impressions."),
        Term(
            "success",
            "Success, conversion",
            "What the test hopes for: a consultation request or an engagement action, as the variants' expected metric "
            "says.",
            "More successes than impressions can't be: such counts are not a rate, and nothing is said about them.",
        ),
        Term(
            "rate",
            "Rate",
            "Successes for each impression: 12 of 99 is 12.1%.",
            "Rates are computed from the counts each time. The rates in the legacy file were cut off, and aren't used.",
            ("wilson-interval",),
        ),
        Term(
            "sample-ratio-mismatch",
            "Sample ratio mismatch",
            "The variants did not get the share of traffic that was planned, by more than chance does. Something "
            "assigns them unevenly, so the people behind them may differ too.",
            "The check fails where chance would do the same less than once in 1,000 times (p under 0.001), and warns "
            "at 0.01. It comes before anything else: while it fails, nothing is a winner. Find the cause and start "
            "anew. It counts posts where the posts of all variants are known, for posts are what is assigned at "
            "random; else impressions. It takes 5 expected posts or impressions for each variant.",
            ("planned-share",),
        ),
        Term(
            "planned-share",
            "Planned share",
            "The part of all traffic that a variant is meant to get. All variants share equally, unless you give each "
            "of them a planned share; these sum to 100%.",
            "The traffic split of the legacy file is not used: it never steered anything.",
            ("sample-ratio-mismatch",),
        ),
    ),
)

_RATES: Final = Chapter(
    "How sure a rate is",
    (
        Term(
            "wilson-interval",
            "Wilson interval",
            "The range in which the true rate plausibly lies. It is wide with few impressions and narrows as they "
            "come; it also holds where nobody, or everybody, converted.",
            "0 of 50 doesn't mean 0%: the interval reaches to 7.1%.",
        ),
        Term(
            "chance-to-be-best",
            "Chance to be best",
            "How probable it is, from the counts alone, that this variant has the highest true rate. The chances of "
            "all variants add up to 100%.",
            "A hint, not a test: it says nothing about how much better the variant is, and it doesn't allow for "
            "peeking. It is calculated, not drawn by lot, so it repeats exactly (Beta posterior, Jeffreys' prior).",
            ("expected-loss", "peeking"),
        ),
        Term(
            "expected-loss",
            "Expected loss",
            "How much rate you give up on average if you choose this variant and another one is truly better.",
            "Where it is smaller than anything you care about, choosing wrongly would cost little.",
            ("chance-to-be-best",),
        ),
    ),
)

_COMPARED: Final = Chapter(
    "How variants are compared",
    (
        Term(
            "lift",
            "Lift",
            "How much more a variant converts than the control, relative to it: from 2% to 3% is a lift of +50%.",
            "There is none where the control converts nobody. It is stored as the improvement rate, which holds no "
            "more than +999.99%.",
        ),
        Term(
            "p-value",
            "p value",
            "How often chance alone would show a difference at least this large if the variants were the same. Small "
            "is surprising.",
            "It is not the chance that the variants are the same.",
            ("significant", "holm"),
        ),
        Term(
            "test",
            "Which test",
            "Two rates are compared by the two-proportion z test. Where a count under 5 is expected, Fisher's exact "
            "test stands in, for z would then see differences that aren't there.",
            related=("test-statistic", "chi-square"),
        ),
        Term(
            "test-statistic",
            "z",
            "The difference of two rates, measured in the spread that chance gives it. Beyond ±1.96 chance alone comes "
            "once in 20 times. It is negative where the control's rate is the lower one.",
        ),
        Term(
            "chi-square",
            "Chi-square",
            "One test of all variants at once: whether any differs from the others. It doesn't say which.",
        ),
        Term(
            "holm",
            "Corrected p (Holm)",
            "The more comparisons, the more often one of them looks good by chance. Holm's correction raises the p "
            "values so that all of them together deceive no more often than one.",
            "A winner is judged by the corrected p. 1 - p is stored as the statistical significance.",
            ("p-value",),
        ),
        Term(
            "significant",
            "Significant",
            "Beyond what chance does, at the confidence the test asks for (95% where it asks for nothing).",
            "Until the planned sample is reached it means the always-valid interval, whichever of both variants is "
            "taken as the base; from then on the corrected test.",
            ("always-valid-interval", "planned-sample"),
        ),
        Term(
            "fixed-interval",
            "Fixed interval",
            "The plausible range of the lift if you look just once, when the planned sample is there.",
            "With several variants all of their intervals hold together.",
            ("always-valid-interval",),
        ),
        Term(
            "always-valid-interval",
            "Always-valid interval",
            "The plausible range of the lift however often you look. It is wider: that is the price of looking.",
            "Where it lies on one side of 0 alone, the difference is beyond chance even for those who look daily.",
            ("peeking", "fixed-interval"),
        ),
        Term(
            "peeking",
            "Peeking",
            "Looking at a running test and stopping when it looks good. Ten looks at two variants that are the same "
            "show a false winner in 19 of 100 tests, not in 5.",
            related=("always-valid-interval",),
        ),
    ),
)

_PLANNED: Final = Chapter(
    "How a test is planned",
    (
        Term(
            "planned-sample",
            "Planned sample",
            "The minimum sample size: so many impressions each variant must have before anything is a winner.",
            "Plan it with the calculator before the test starts.",
            ("power",),
        ),
        Term(
            "power",
            "Power",
            "How often a test of this size finds a difference that is really there. 80% is usual.",
            "A sample of 100 has 7% power for a rise from 2% to 3%: it misses 93 of 100 such improvements. 80% takes "
            "3,825 for each variant.",
            ("planned-sample",),
        ),
        Term(
            "false-alarm",
            "Accepted false alarms (alpha)",
            "How often you accept to call variants different that are the same. 5% goes with a confidence of 95%.",
        ),
        Term(
            "rule-of-16",
            "Rule of 16",
            "A sample size for the back of an envelope: 16 · p · (1 - p) / d², with the control's rate p and the "
            "difference d. It stands for two variants, 5% false alarms and 80% power.",
        ),
    ),
)

_VERDICTS: Final = Chapter(
    "What a verdict means",
    (
        Term(
            "fix-the-traffic",
            "Fix the traffic",
            "The traffic is not as planned, or the planned shares are no plan. Mend that first: nothing else that the "
            "numbers say counts until then.",
            related=("sample-ratio-mismatch", "planned-share"),
        ),
        Term(
            "collecting-data",
            "Keep running",
            "A variant has under 50 impressions or 5 conversions, or the planned sample isn't reached. The days follow "
            "from the impressions so far for each day; without a plan or a pace nobody knows them.",
        ),
        Term(
            "stalled",
            "Stalled",
            "A test that needs more data got no impressions for 7 days or more. The change log says when they last "
            "rose; impressions that an import brought count from that import.",
        ),
        Term("not-a-rate", "Not a rate", "A variant has more actions than impressions. Correct its counts."),
        Term(
            "no-difference",
            "No difference worth finding",
            "The planned sample is there, and no variant alone is better by more than chance. That is no proof that "
            "they are the same: the intervals show what remains possible, the power what the sample could find.",
            related=("power",),
        ),
        Term(
            "winner-to-confirm",
            "Review and confirm",
            "One variant, or the control, is better: the traffic is as planned, the planned sample is reached and the "
            "corrected test passes. Where several variants share the best rate there is no winner; a close rival is "
            "named beside it. Only a person's confirmation makes it the winner.",
        ),
        Term(
            "confirmed",
            "Confirmed by",
            "A person confirmed the winner, and the test is over. Where the figures have changed since, the page says "
            "so. Reopening the test takes the winner back.",
        ),
        Term(
            "not-randomised",
            "Neither randomised nor independent",
            "LinkedIn decides who sees what: impressions are not handed out by lot, and one person may be many of "
            "them. All of these formulas assume otherwise, so treat their results as hints.",
        ),
    ),
)

CHAPTERS: Final = (_COUNTED, _RATES, _COMPARED, _PLANNED, _VERDICTS)
NAMES: Final = {term.anchor: term.name for chapter in CHAPTERS for term in chapter.terms}
