"""An account that does not answer is left out for a while, then asked once to see whether it is back."""

from dataclasses import dataclass, replace

FAILURES = 3
REST_SECONDS = 60.0
AT_ONCE = 8
"""Questions to one account on their way at the same time; a dead one holds no more threads than that."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """One account as this process knows it. ``failures`` in a row; ``until``: it is not asked before."""

    failures: int = 0
    until: float = 0.0
    asking: int = 0

    def may_ask(self, now: float) -> bool:
        """Whether one more question may be asked; only one while nobody knows whether it is back."""
        if self.failures >= FAILURES:
            return now >= self.until and not self.asking
        return self.asking < AT_ONCE

    @property
    def busy(self) -> bool:
        """Nothing is known against it: it has as many questions as it gets at a time."""
        return self.failures < FAILURES and self.asking >= AT_ONCE

    def asked(self) -> "Circuit":
        """A question is on its way."""
        return replace(self, asking=self.asking + 1)

    def ended(self) -> "Circuit":
        """It is not any more, whatever came of it."""
        return replace(self, asking=self.asking - 1)

    def answered(self) -> "Circuit":
        """In time."""
        return replace(self, failures=0, until=0.0)

    def failed(self, now: float) -> "Circuit":
        """No answer, or none in time."""
        failures = self.failures + 1
        return replace(self, failures=failures, until=now + REST_SECONDS if failures >= FAILURES else 0.0)
