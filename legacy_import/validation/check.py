"""One check's verdict."""

from dataclasses import asdict, dataclass
from typing import Any

from legacy_import.validation.differences import Difference


@dataclass(frozen=True, slots=True)
class Check:
    """One check's verdict; `detail` is a sentence with the figures of both sides."""

    name: str
    database: str
    passed: bool
    detail: str
    differences: tuple[Difference, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the check in the shape of the command line's contract, with its differences where it has some."""
        check = asdict(self)
        return check if self.differences else {name: check[name] for name in check if name != "differences"}
