"""The forms of a test and its variants, with a sentence for each input they refuse.

The rules they share with imported tables are in revenue.ab_testing.rules. Legacy values that break a rule and are left
untouched stay as they are: see the exact forms of synapse.kit.admin.
"""

from collections.abc import Iterable
from typing import Any, ClassVar, Final

from django.core.exceptions import ValidationError

from revenue.ab_testing.order import order_variant_queryset
from revenue.ab_testing.rules import SHARE, rules_broken_by_test, rules_broken_by_variant, share_problem
from revenue.models import ABTestVariant
from synapse.kit.admin.concurrent_edits.inline_rows import ConcurrentInlineFormSet
from synapse.kit.admin.concurrent_edits.row_merge import ThreeWayMergeForm

MIN_VARIANTS: Final = 2
_MAX_POSITION: Final = 2**15 - 1


class ABTestForm(ThreeWayMergeForm):
    """A test: the confidence is a share, the sample is a number of impressions, it ends after it began."""

    class Meta:
        help_texts: ClassVar = {
            "element_type": "What differs between the variants: hook, cta, timing …",
            "minimum_sample_size": "Impressions each variant needs before anything is decided.",
            "confidence_threshold": "How sure to be before calling a winner: 0.95 is wrong one time in twenty.",
        }

    def clean(self) -> dict[str, Any]:
        """Refuse what was typed and can't be."""
        cleaned = super().clean()
        _add_errors(self, rules_broken_by_test(dict(cleaned), self.changed_data))
        return cleaned


class VariantForm(ThreeWayMergeForm):
    """A variant: nobody acts more often than the variant was shown."""

    class Meta:
        help_texts: ClassVar = {
            "position": "The lowest is the control, which the others are compared with.",
            SHARE: "Of all traffic, in percent. All variants have one, 100% together; or none has: equal shares.",
            "expected_metric": "What counts as success; the same for every variant of a test.",
        }

    def clean(self) -> dict[str, Any]:
        """Refuse counts that were typed and can't be; untouched ones stay as the legacy file had them."""
        cleaned = super().clean()
        _add_errors(self, rules_broken_by_variant(dict(cleaned), self.changed_data))
        return cleaned


class VariantPageForm(VariantForm):
    """A variant on a page of its own, which knows its test's other variants from the database only."""

    def clean(self) -> dict[str, Any]:
        """Refuse a planned share that makes no plan together with those of the test's other variants."""
        cleaned = super().clean()
        was_in = self.initial.get("test")
        # An unchanged relation is left out of the cleaned data.
        test = cleaned.get("test", was_in)
        if self.errors or not (self.instance._state.adding or {SHARE, "test"} & set(self.changed_data)):
            return cleaned
        others = ABTestVariant.objects.exclude(pk=self.instance.pk)
        shares = [] if test is None else list(others.filter(test=test).values_list(SHARE, flat=True))
        if problem := share_problem([*shares, cleaned.get(SHARE)]):
            self.add_error(SHARE, f"{problem} On the test's page you set them together.")
        elif "test" in self.changed_data and was_in:
            left = others.filter(test=was_in).values_list(SHARE, flat=True)
            if share_problem(left):
                self.add_error("test", "Its planned share is part of its old test: empty the shares there first.")
        return cleaned


class VariantFormSet(ConcurrentInlineFormSet):
    """A test's variants: at least two, each with a name of its own, and their planned shares 100% together."""

    def get_queryset(self) -> Any:
        """Return the test's variants, the control first."""
        if not hasattr(self, "_queryset"):
            rows: Any = order_variant_queryset(super().get_queryset())
            self._queryset = rows
        return self._queryset

    def clean(self) -> None:
        """Refuse a new test with fewer than two variants, and removing them from an old one down to that."""
        super().clean()
        kept = [form for form in self.forms if self._is_kept(form)]
        shrinks = self.instance._state.adding or any(self._should_delete_form(form) for form in self.initial_forms)
        if shrinks and len(kept) < MIN_VARIANTS:
            raise ValidationError("A test compares: give it at least two variants, the control first.")
        for form in self.extra_forms:
            is_placed = not self._is_kept(form) or form.errors or form.instance.position is not None
            # The next position may be beyond the column's type: then a person has to choose one.
            if not is_placed and (self._next_position(form) or 0) > _MAX_POSITION:
                form.add_error(
                    "position",
                    f"{_MAX_POSITION:,} is the highest order there is, and another variant has it. Give this one an "
                    "order of its own.",
                )
        if problem := self._share_problem(kept):
            raise ValidationError(problem)

    def save_new(self, form: "VariantForm", commit: bool = True) -> ABTestVariant:  # noqa: FBT001, FBT002  # Django's
        """Return the new variant, of the test's element; those of a new test in the order they were typed."""
        variant: ABTestVariant = form.instance
        variant.element_type = variant.element_type or self.instance.element_type
        if variant.position is None:
            variant.position = self._next_position(form)
        saved: ABTestVariant = super().save_new(form, commit=commit)
        return saved

    def get_unique_error_message(self, unique_check: Any) -> str:
        """Return the sentence for two variants of one name."""
        if "variant_name" in unique_check:
            return "Two variants of this test have the same name; give each its own."
        return super().get_unique_error_message(unique_check)

    def get_form_error(self) -> str:
        """Return the sentence beside the second of them."""
        return "Another variant of this test has this name."

    def _next_position(self, form: "VariantForm") -> int | None:
        """Return a place after all others, None where the others have none and so come first by their age."""
        positions = [other.instance.position for other in self.initial_forms]
        taken = [position for position in positions if position is not None]
        if positions and not taken:
            return None
        return max(taken, default=0) + 1 + self.extra_forms.index(form)

    def _share_problem(self, kept: list[Any]) -> str:
        """Return what is wrong with the planned shares; '' where this page neither changes them nor whose they are."""
        changes_shares = any(SHARE in form.changed_data for form in kept)
        changes_rows = any(form in kept for form in self.extra_forms) or len(kept) < len(self.initial_forms)
        if any(form.errors for form in kept) or not (changes_shares or changes_rows):
            return ""
        return share_problem(form.cleaned_data.get(SHARE) for form in kept)

    def _is_kept(self, form: "VariantForm") -> bool:
        return (form in self.initial_forms or form.has_changed()) and not self._should_delete_form(form)


def _add_errors(form: ThreeWayMergeForm, broken: Iterable[tuple[str, str]]) -> None:
    for name, sentence in broken:
        form.add_error(name if name in form.fields else None, sentence)
