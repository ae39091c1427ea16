"""Simulated selling platforms: one file each, in the platform's own protocol, over one kind of market.

They run without a socket (``transport``) in tests, and on loopback (``serve``) for the demo and for people.
"""

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

from server.simulated.platforms.base import Simulated

_PARTS = frozenset({"base", "faults", "market", "serve", "transport"})


def kinds() -> tuple[str, ...]:
    """Every platform there is a simulation of."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name not in _PARTS))


def simulated(kind: str, now: Callable[[], float], seed: int = 1) -> Simulated:
    """A fresh platform of this kind, empty; ``now`` is its clock."""
    module: Any = importlib.import_module(f"server.simulated.platforms.{kind}")
    made: Simulated = module.PLATFORM(now, seed)
    return made
