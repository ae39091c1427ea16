"""One line of `packproof doctor`."""

from dataclasses import asdict, dataclass
from typing import Literal

Mark = Literal["ok", "look", "bad"]
SIGNS: dict[Mark, str] = {"ok": "✓", "look": "!", "bad": "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, what was found, and what to do about it (empty when nothing is to be done)."""

    mark: Mark
    subject: str
    found: str
    remedy: str = ""

    def line(self) -> str:
        """For people: the sign says it without colour."""
        todo = f"\n                 → {self.remedy}" if self.remedy else ""
        return f"{SIGNS[self.mark]} {self.subject:<14} {self.found}{todo}"

    def facts(self) -> dict[str, str]:
        """For machines."""
        return asdict(self)
