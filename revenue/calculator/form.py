"""The sample size calculator's form: its fields, their words and what is refused. plan.py computes the answer."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.db import models
from django.http import QueryDict

from revenue.calculator.plan import Question
from revenue.statistics.power import Effect

MIN_VARIANTS: Final = 2
MAX_VARIANTS: Final = 20
MAX_IMPRESSIONS: Final = 1_000_000_000
_HUNDRED: Final = 100


class EffectKind(models.TextChoices):
    """How the difference to find is given."""

    RELATIVE = "relative", "% more than the control's rate (relative)"
    ABSOLUTE = "absolute", "percentage points (absolute)"


DEFAULTS: Final[Mapping[str, str]] = {
    "base_rate": "2",
    "effect": "50",
    "effect_kind": EffectKind.RELATIVE.value,
    "alpha": "5",
    "power": "80",
    "variants": "2",
}


class CalculatorForm(forms.Form):
    """The calculator's question, all of it in the address, so that a link shares it."""

    base_rate = forms.DecimalField(
        label="Control's rate, %",
        min_value=Decimal("0.001"),
        max_value=Decimal("99.999"),
        decimal_places=6,
        help_text="What converts today: 2 for 2 of 100 impressions.",
    )
    effect = forms.DecimalField(
        label="Difference to find",
        min_value=Decimal(-1000),
        max_value=Decimal(100_000),
        decimal_places=6,
        help_text="The smallest that would be worth it. Negative for a loss.",
    )
    effect_kind = forms.ChoiceField(label="The difference is in", choices=EffectKind.choices)
    alpha = forms.DecimalField(
        label="Accepted false alarms, %",
        min_value=Decimal("0.001"),
        max_value=Decimal(50),
        decimal_places=6,
        help_text="5 goes with a confidence of 95%.",
    )
    power = forms.DecimalField(
        label="Power, %",
        min_value=Decimal(50),
        max_value=Decimal("99.999"),
        decimal_places=6,
        help_text="How often the difference, if it is there, shall be found.",
    )
    variants = forms.IntegerField(
        label="Variants, the control among them",
        min_value=MIN_VARIANTS,
        max_value=MAX_VARIANTS,
        help_text="From 2 to 20.",
    )
    daily_impressions = forms.DecimalField(
        label="Impressions a day, all variants together",
        min_value=Decimal("0.01"),
        max_value=MAX_IMPRESSIONS,
        decimal_places=2,
        required=False,
        help_text="Leave empty if you don't know; then there are no days.",
    )
    impressions = forms.IntegerField(
        label="Impressions per variant you can have",
        min_value=1,
        max_value=MAX_IMPRESSIONS,
        required=False,
        help_text="The other way round: what power do so many have?",
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a difference of nothing, and one that leads out of the rates there are."""
        cleaned = super().clean() or self.cleaned_data
        base, difference = cleaned.get("base_rate"), cleaned.get("effect")
        if difference == 0:
            self.add_error("effect", "A difference of 0 can't be found. Enter the smallest that would be worth it.")
        elif base is not None and difference is not None and "effect_kind" in cleaned:
            target = target_rate(base, difference, EffectKind(cleaned["effect_kind"]))
            if not 0 < target < _HUNDRED:
                self.add_error(
                    "effect",
                    f"From {base.normalize():f}% this leads to a rate of {target.normalize():f}%. "
                    "It must stay between 0% and 100%.",
                )
        return cleaned

    def to_question(self) -> Question:
        """Return the question of a valid form."""
        given = self.cleaned_data
        target = target_rate(given["base_rate"], given["effect"], EffectKind(given["effect_kind"]))
        daily = given["daily_impressions"]
        return Question(
            effect=Effect(float(given["base_rate"] / _HUNDRED), float(target / _HUNDRED)),
            alpha=float(given["alpha"] / _HUNDRED),
            power=float(given["power"] / _HUNDRED),
            variants=given["variants"],
            daily_impressions=None if daily is None else float(daily),
            impressions=given["impressions"],
        )


def form_from_query(query: QueryDict) -> CalculatorForm:
    """Return the form as an address asks it; what the address leaves out is as usual."""
    # Always bound, so that the page without a query answers the usual question at once.
    form = CalculatorForm({**DEFAULTS, **query.dict()}, label_suffix="")
    for field in form.fields.values():
        field.error_messages["required"] = "Enter a number here."
    return form


def target_rate(base: Decimal, difference: Decimal, kind: EffectKind) -> Decimal:
    """Return the rate to find, in per cent like the base."""
    return base + difference if kind is EffectKind.ABSOLUTE else base * (1 + difference / _HUNDRED)
