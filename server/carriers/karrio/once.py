"""One label for one key, at carriers that know no such keys and cannot be asked.

Before a carrier is asked, the line's memory gets ``bought:<parcel>``, by a swap that one process wins. It goes when
nothing was bought for certain (refused, not let in, too early, never left us); after an answer it holds what was
bought, and ``picture:<parcel>`` the label itself, so that asking again, or looking up after a crash, gives the same
one. The picture names a buyer: the purge takes it a day later, whatever died meanwhile, and its parcel has it by then.
The number stays, so that nothing is bought twice. What is left is a purchase whose answer was lost:
every further one under this key, and every look-up, is answered with ``maybe_done``, as nobody but a person who looks
at the carrier's own site can tell. That person voids the label that is there, if one is, and gives the box another
(``packproof label relabel``): a new parcel has a key of its own. Where the same parcel must be bought, the row
``bought:<parcel>`` of the account is taken out of ``carrier_memory`` first.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from printing.documents import CarrierLabel
from server.calls.line import Line
from server.calls.troubles import Away
from server.trade.shipping import Purchased

_PICTURE = "picture"
_KEY_MAX = 64
_WHY_MAX = 300


@dataclass(slots=True)
class Purchases:
    """The purchases of one account."""

    line: Line

    def begin(self, key: str) -> Purchased | None:
        """What was bought under this key; None: ask the carrier now, nobody else does. Raise Away as ``find``."""
        mine = {"asked": self.line.now(), "by": secrets.token_hex(8)}
        kept = self.line.memory.swap(_name(key), None, mine)
        return None if kept == mine else self._read(key, kept)

    def find(self, key: str) -> Purchased | None:
        """What was bought under this key, None where nothing was. Raise Away with ``maybe_done`` where nobody knows."""
        kept = self.line.memory.get(_name(key))
        return None if kept is None else self._read(key, kept)

    def done(self, key: str, purchased: Purchased) -> None:
        """This was bought."""
        # The picture first: who reads that it was bought finds it.
        self.line.memory.put(_name(key, _PICTURE), _drawn(purchased.label))
        self.line.memory.put(_name(key), _kept(purchased))

    def unsure(self, key: str, why: str) -> None:
        """It was asked for, and what became of it is not known."""
        self.line.memory.put(_name(key), {"asked": self.line.now(), "why": why[:_WHY_MAX]})

    def forget(self, key: str) -> None:
        """Nothing is bought under this key: it never was, or it is void, or it has left the house."""
        self.line.memory.put(_name(key), None)

    def _read(self, key: str, kept: dict[str, Any]) -> Purchased:
        picture = self.line.memory.get(_name(key, _PICTURE))
        if "tracking" in kept and picture is not None:
            return _purchased(kept, picture)
        bought = f"label {kept['tracking']} was bought, and its picture was let go" if "tracking" in kept else ""
        why = f" ({said})" if (said := bought or kept.get("why")) else ""
        what = f"an earlier purchase of this label is open{why}; look at the carrier's own site whether it is bought"
        raise Away(what, maybe_done=True)


def _name(key: str, kind: str = "bought") -> str:
    name = f"{kind}:{key}"
    return name if len(name) <= _KEY_MAX else f"{kind}:{hashlib.sha256(key.encode()).hexdigest()[:48]}"


def _drawn(label: CarrierLabel | None) -> dict[str, str]:
    data = base64.b64encode(label.data).decode() if label else ""
    return {"format": label.format if label else "", "label": data}


def _kept(purchased: Purchased) -> dict[str, Any]:
    return {
        "tracking": purchased.tracking,
        "service": purchased.service,
        "cost": str(purchased.cost),
        "currency": purchased.currency,
        "shipment_id": purchased.shipment_id,
    }


def _purchased(kept: dict[str, Any], picture: dict[str, Any]) -> Purchased:
    # One that was erased with its buyer is there, and empty.
    label = CarrierLabel(picture["format"], base64.b64decode(picture["label"])) if picture["format"] else None
    own = (kept["tracking"], kept["service"], Decimal(kept["cost"]), kept["currency"], kept["shipment_id"])
    return Purchased(*own, label=label)
