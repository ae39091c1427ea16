"""Orders this bench may open by itself: at once while the server is away, and when it takes too long to answer.

The lease is brought up to date in the background; opening one costs one write to the journal and asks nobody. The
server hears of it by the first event of its log, whenever that arrives.
"""

import logging
from collections.abc import Iterable

from server import wire
from server.domain.errors import DomainError, Unavailable
from server.domain.masterdata.catalog import Match
from server.domain.packing.order import PackOrder
from server.domain.picks.totes import InTote, Refusal, whose
from server.domain.picks.waves import Mix
from server.reading import ORDER_PREFIX, TOTE_PREFIX
from station.link import Link
from station.workplace import Workplace

REFRESH_SECONDS = 10.0
SOON_SECONDS = 0.8
"""A server that has not answered by then is not waited for any longer."""
_log = logging.getLogger("packproof.station")


class Leased:
    """The bench's lease; ``find`` and ``orders`` with the workplace's lock held."""

    def __init__(self, place: Workplace, link: Link) -> None:
        self._place, self._link = place, link
        self._orders: tuple[PackOrder, ...] = ()
        self._totes: dict[int, str] = {}
        self._read_at = -1
        self._catalog = 0
        """The catalogue the held orders were given with: their barcodes are of that day."""

    @property
    def alone(self) -> bool:
        """The server is known to be away."""
        return self._link.away

    @property
    def orders(self) -> tuple[PackOrder, ...]:
        """Orders that may be opened, the most urgent first."""
        journal = self._place.journal
        if self._read_at != journal.lease_changes:
            self._read_at, self._orders, self._totes = journal.lease_changes, journal.leased(), journal.totes()
        return self._orders

    def find(self, ref: str) -> PackOrder | None:
        """The order with this slip or number, in any case, with or without leading zeros; none for a revoked bench."""
        if self._link.not_admitted:
            return None
        number = ref.strip().upper().removeprefix(ORDER_PREFIX).lstrip("#0")
        return next((o for o in self.orders if o.number.upper().lstrip("0") == number), None) if number else None

    def by_item(self, matches: Iterable[Match]) -> PackOrder | None:
        """The most urgent order of one unit that waits for what this one code means (as ``singles`` of the server)."""
        skus = {match.sku for match in matches if match.units == 1}
        return next((o for o in self.orders if _single(o) in skus), None) if not self._link.not_admitted else None

    def in_tote(self, ref: str, matches: Iterable[Match] = ()) -> PackOrder | Refusal | None:
        """Whose this tote, and the item out of it, is; why nobody's; None for no tote or none of ours in it."""
        tote = ref.strip().upper()
        if self._link.not_admitted or not tote.startswith(TOTE_PREFIX):
            return None
        code = tote.removeprefix(TOTE_PREFIX)
        ours = {o.order_id: o for o in self.orders if self._totes.get(o.order_id) == code}
        if not ours:
            return None
        inside = [InTote(o.order_id, o.number, None, Mix.SINGLE, _single(o)) for o in ours.values()]
        found = whose(code, inside, frozenset(match.sku for match in matches) or None)
        return found if isinstance(found, Refusal) else ours[found.order_id]

    def items(self) -> tuple[wire.QueueItem, ...]:
        """What may be opened, as the queue shows it."""
        return tuple(
            wire.QueueItem(
                number=order.number,
                channel=order.channel,
                units=sum(line.quantity for line in order.lines),
                lines=len(order.lines),
                ship_by=order.ship_by,
                carrier=order.carrier,
            )
            for order in self.orders
        )

    def refresh(self) -> float:
        """On a worker: bring the lease up to date; the seconds until the next time. Raise JournalFailed."""
        try:
            while self._refreshed():
                pass
        except (Unavailable, DomainError) as error:
            _log.debug("the lease stays as it is: %s", error)
        return REFRESH_SECONDS

    def _refreshed(self) -> bool:
        """One question; whether more is to come."""
        place = self._place
        with place.lock:
            catalog = place.catalog.version
            held = self.orders if catalog == self._catalog else ()
        labels = place.journal.allotted()
        known = tuple(
            wire.HeldOrder(order_id=o.order_id, version=o.version, tracking=labels.get(o.order_id, "")) for o in held
        )
        answer = place.client.lease(wire.LeaseRequest(held=known))
        before = place.journal.lease_changes
        place.journal.keep_lease(answer.order_ids, answer.orders, answer.totes, answer.labels)
        self._catalog = catalog
        if place.journal.lease_changes == before:
            return False
        missing = set(answer.order_ids) - {h.order_id for h in known} - {o.order_id for o in answer.orders}
        return bool(missing)


def _single(order: PackOrder) -> str:
    """The SKU of an order of one unit that is no part of a kit; else empty."""
    [first, *more] = order.lines or [None]
    return first.sku if first is not None and not more and first.quantity == 1 and not first.kit_sku else ""
