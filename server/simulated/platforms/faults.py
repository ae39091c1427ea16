"""How a platform misbehaves: on purpose, by a seed, or one fault at a time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random


class Fault(StrEnum):
    """What happens to one request.

    TOO_MANY     429, nothing is done
    BROKEN       500, nothing is done
    LOST_BEFORE  no answer, nothing was done
    LOST_AFTER   no answer, and it was done
    BROKEN_AFTER 500, and it was done
    GARBLED      200 with something that is not what the description says
    DENIED       401, as if the token were revoked
    """

    TOO_MANY = "too_many"
    BROKEN = "broken"
    LOST_BEFORE = "lost_before"
    LOST_AFTER = "lost_after"
    BROKEN_AFTER = "broken_after"
    GARBLED = "garbled"
    DENIED = "denied"


@dataclass(slots=True)
class Faults:
    """``next`` are the faults of the next requests that match; ``share`` of all others fail by the seed.

    ``down``: nobody answers at all. ``spare``: paths (parts of them) that never fail, such as a token endpoint.
    """

    seed: int = 1
    share: float = 0.0
    down: bool = False
    spare: tuple[str, ...] = ("token",)
    kinds: tuple[Fault, ...] = (Fault.TOO_MANY, Fault.BROKEN, Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.BROKEN_AFTER)
    _next: list[tuple[Fault, Callable[[str, str], bool]]] = field(default_factory=list)
    _random: Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)  # noqa: S311 - faults, no secrets

    def once(self, fault: Fault, method: str = "", path: str = "") -> None:
        """The next request with this method and this part of a path meets the fault; empty means any."""
        self._next.append((fault, lambda m, p: method in ("", m) and path in p))

    def of(self, method: str, path: str) -> Fault | None:
        """What happens to this request."""
        if self.down:
            return Fault.LOST_BEFORE
        for nth, (fault, fits) in enumerate(self._next):
            if fits(method, path):
                del self._next[nth]
                return fault
        if self.share and not any(part in path for part in self.spare) and self._random.random() < self.share:
            return self._random.choice(self.kinds)
        return None
