"""One label for one key, at carriers that know no such keys and cannot be asked.

Before a carrier is asked, the line's memory gets ``bought:<parcel>``, by a swap that one process wins. It goes when
nothing was bought for certain (refused, not let in, too early, never left us); after an answer it holds the label, so
that asking again, or looking up after a crash, gives the same one. What is left is a purchase whose answer was lost:
every further one under this key, and every look-up, is answered with ``maybe_done``, as nobody but a person who looks
at the carrier's own site can tell. That person voids the label that is there, if one is, and gives the box another
(``packproof label relabel``): a new parcel has a key of its own. Where the same parcel must be bought, the row
``bought:<parcel>`` of the account is taken out of ``carrier_memory`` first.
"""

import base64
import hashlib
import secrets
import threading
from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from printing.documents import CarrierLabel
from server.calls.line import Line
from server.calls.troubles import Away
from server.trade.shipping import Purchased

_KEEP = 3600.0
"""Seconds for which a label may be asked for again: it holds a buyer's address. Its number stays."""
_KEY_MAX = 64
_WHY_MAX = 300


@dataclass(slots=True)
class Purchases:
    """The purchases of one account."""

    line: Line
    _recent: deque[tuple[float, str]] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, key: str) -> Purchased | None:
        """What was bought under this key; None: ask the carrier now, nobody else does. Raise Away as ``find``."""
        self._let_go()
        mine = {"asked": self.line.now(), "by": secrets.token_hex(8)}
        kept = self.line.memory.swap(_name(key), None, mine)
        return None if kept == mine else self._read(key, kept)

    def find(self, key: str) -> Purchased | None:
        """What was bought under this key, None where nothing was. Raise Away with ``maybe_done`` where nobody knows."""
        kept = self.line.memory.get(_name(key))
        return None if kept is None else self._read(key, kept)

    def done(self, key: str, purchased: Purchased) -> None:
        """This was bought."""
        self.line.memory.put(_name(key), _kept(purchased))
        self._remember(key)

    def unsure(self, key: str, why: str) -> None:
        """It was asked for, and what became of it is not known."""
        self.line.memory.put(_name(key), {"asked": self.line.now(), "why": why[:_WHY_MAX]})

    def forget(self, key: str) -> None:
        """Nothing is bought under this key: it never was, or it is void, or it has left the house."""
        self.line.memory.put(_name(key), None)

    def _read(self, key: str, kept: dict[str, Any]) -> Purchased:
        if "tracking" in kept:
            self._remember(key)
            return _purchased(kept)
        why = f" ({kept['why']})" if kept.get("why") else ""
        what = f"an earlier purchase of this label is open{why}; look at the carrier's own site whether it is bought"
        raise Away(what, maybe_done=True)

    def _remember(self, key: str) -> None:
        with self._lock:
            self._recent.append((self.line.now(), key))

    def _let_go(self) -> None:
        while (key := self._old()) is not None:
            kept = self.line.memory.get(_name(key))
            if kept is not None and "tracking" in kept:
                self.unsure(key, f"label {kept['tracking']} was bought, and its picture was let go")

    def _old(self) -> str | None:
        with self._lock:
            due = self._recent and self._recent[0][0] < self.line.now() - _KEEP
            return self._recent.popleft()[1] if due else None


def _name(key: str) -> str:
    name = f"bought:{key}"
    return name if len(name) <= _KEY_MAX else f"bought:{hashlib.sha256(key.encode()).hexdigest()[:48]}"


def _kept(purchased: Purchased) -> dict[str, Any]:
    label = purchased.label
    return {
        "tracking": purchased.tracking,
        "service": purchased.service,
        "cost": str(purchased.cost),
        "currency": purchased.currency,
        "shipment_id": purchased.shipment_id,
        "format": label.format if label else "",
        "label": base64.b64encode(label.data).decode() if label else "",
    }


def _purchased(kept: dict[str, Any]) -> Purchased:
    label = CarrierLabel(kept["format"], base64.b64decode(kept["label"])) if kept["format"] else None
    own = (kept["tracking"], kept["service"], Decimal(kept["cost"]), kept["currency"], kept["shipment_id"])
    return Purchased(*own, label=label)
