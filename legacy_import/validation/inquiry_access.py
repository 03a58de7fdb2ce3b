"""How many of the files' inquiries can be opened here as inquiries, and what the others wait for.

An inquiry in the quarantine is in no pipeline, so validation does not pass until a person has settled it. The places
are those of docs/validation.md. Filled by `pipeline_value`, row by row of the ledger.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Final

from django.urls import reverse

from legacy_import.models import BusinessCoreQuarantinedRow

_NOTHING: Final = Decimal(0)


class Place(Enum):
    """Where a file's inquiry is."""

    OPENED = "it has a page, its own or that of the row it was merged into"
    SETTLED = "a person deleted it here, or accepted it as archived"
    WAITING = "in the quarantine"
    UNMAPPED = "archived, because its table had no target when it was imported"
    MISSING = "neither here nor signed away by anybody"


@dataclass(frozen=True, slots=True)
class Worth:
    """Some inquiries and their value as the files state it; the value of `unreadable` ones among them is no number."""

    inquiries: int = 0
    value: Decimal = _NOTHING
    unreadable: int = 0

    def __add__(self, other: "Worth") -> "Worth":
        """Return both together."""
        return Worth(self.inquiries + other.inquiries, self.value + other.value, self.unreadable + other.unreadable)

    def describe_worth(self) -> str:
        """Return the figures as "3 inquiries worth 75,000.00", with what could not be added up."""
        noun = "1 inquiry" if self.inquiries == 1 else f"{self.inquiries:,} inquiries"
        if self.unreadable == self.inquiries > 0:
            return f"{noun} of unknown value"
        return f"{noun} worth {self.format_value()}" + (
            f" (the value of {self.unreadable:,} is no number)" if self.unreadable else ""
        )

    def format_value(self) -> str:
        """Return the sum, or what it is at least."""
        return f"{'at least ' if self.unreadable else ''}{self.value:,.2f}"


def place_of_inquiry(state: str, *, is_in_table: bool, is_dismissed: bool, is_signed: bool) -> Place:
    """Return where an inquiry of this ledger state is.

    `is_in_table` says that its target row exists, `is_dismissed` that a person accepted it as archived, `is_signed`
    that it is known who deleted the target row.
    """
    if state == "quarantined":
        # Also where an earlier version of it is still in its table: what the file says now is not.
        return Place.WAITING
    if state == "archived":
        return Place.SETTLED if is_dismissed else Place.UNMAPPED
    if is_in_table:
        return Place.OPENED
    return Place.SETTLED if is_signed else Place.MISSING


@dataclass(slots=True)
class InquiryAccess:
    """The inquiries of one or more files, by where they are."""

    worth: dict[Place, Worth] = field(default_factory=lambda: {place: Worth() for place in Place})

    def add_inquiries(self, place: Place, worth: Worth) -> None:
        """Add inquiries of one place."""
        self.worth[place] += worth

    def add_inquiry(self, place: Place, amount: Decimal | None) -> None:
        """Add one inquiry; None is an amount that is no number."""
        self.add_inquiries(place, Worth(1, amount or _NOTHING, int(amount is None)))

    def __add__(self, other: "InquiryAccess") -> "InquiryAccess":
        """Return both together."""
        return InquiryAccess({place: self.worth[place] + other.worth[place] for place in Place})

    @property
    def is_full(self) -> bool:
        """Whether every inquiry can be opened, or was settled by a person."""
        return not any(self.worth[place].inquiries for place in (Place.WAITING, Place.UNMAPPED, Place.MISSING))

    def describe_worth(self) -> str:
        """Return how many can be opened and where the others are; empty where all can."""
        if self.is_full and not self.worth[Place.SETTLED].inquiries:
            return ""
        opened, every = self.worth[Place.OPENED], sum(self.worth.values(), Worth())
        noun = "inquiry" if every.inquiries == 1 else "inquiries"
        parts = [
            f"{self.worth[place].describe_worth()} {where}"
            for place, where in _place_descriptions()
            if self.worth[place].inquiries
        ]
        return (
            f"{opened.inquiries:,} of {every.inquiries:,} {noun}, worth {opened.value:,.2f} of"
            f" {every.format_value()}, can be opened as inquiries: " + ", ".join(parts)
        )

    def as_figures(self) -> dict[str, int | str]:
        """Return the counts and sums by place, as a report's figures; the value of all files' inquiries included."""
        figures: dict[str, int | str] = {"inquiries_in_files": sum(one.inquiries for one in self.worth.values())}
        for place, worth in self.worth.items():
            name = place.name.lower()
            figures |= {f"inquiries_{name}": worth.inquiries, f"value_{name}": f"{worth.value:.2f}"}
        return figures


def _place_descriptions() -> tuple[tuple[Place, str], ...]:
    """Return what is said of the inquiries of each place, the ones that need somebody first."""
    desk = reverse(f"admin:legacy_import_{BusinessCoreQuarantinedRow._meta.model_name}_changelist")
    return (
        (Place.WAITING, f"in the quarantine, to be settled at its desk ({desk})"),
        (Place.UNMAPPED, "archived, since their table had no target when it was imported: run import_legacy --all"),
        (Place.MISSING, "missing here, and nobody signed for that"),
        (Place.SETTLED, "settled by a person (deleted here, or accepted as archived)"),
    )
