"""Whose item it is that was wrong here: another box of this bench, or an order elsewhere, if the server knows."""

import logging

from server import wire
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError, Unavailable
from station.desks.boxes import Box, Boxes
from station.jobs import Worker
from station.link import Link
from station.store import JournalFailed
from station.workplace import Workplace

_ASKED_FOR = frozenset({Reason.WRONG_ITEM, Reason.OVER_QUANTITY})
_log = logging.getLogger("packproof.station")


class WantedElsewhere:
    """Asked once for each stop, in the background; call everything with the workplace's lock held."""

    def __init__(self, place: Workplace, boxes: Boxes, link: Link, worker: Worker) -> None:
        self._place, self._boxes, self._link, self._worker = place, boxes, link, worker
        self._told: tuple[str, tuple[wire.Wanted, ...]] = ("", ())
        """The SKU of the stop that was asked about last, and what the server said."""

    def stopped(self, before: Box, after: Box) -> None:
        """A box was stopped, or not: where an item is wrong, ask who wants it."""
        stop = after.session.stop
        if stop is None or before.session.stop is not None or stop.reason not in _ASKED_FOR:
            return
        self._told = (stop.detail, ())
        if not self._link.away:
            self._worker.do(lambda: self._ask(stop.detail))

    def of(self, box: Box) -> tuple[wire.Wanted, ...]:
        """Who wants the item of this stop: boxes parked here first."""
        stop = box.session.stop
        if stop is None or stop.reason not in _ASKED_FOR:
            return ()
        own = tuple(
            wire.Wanted(number=other.number, units=units)
            for other in self._boxes.parked.values()
            if (units := _open_units(other, stop.detail))
        )
        return own + (self._told[1] if self._told[0] == stop.detail else ())

    def _ask(self, sku: str) -> None:
        """On the worker: without an answer the stop says a little less."""
        try:
            answer = self._place.client.who_wants(wire.WantedRequest(sku=sku))
        except (DomainError, Unavailable, JournalFailed) as error:
            _log.debug("nobody said who wants %s: %s", sku, error)
            return
        with self._place.changing():
            if self._told[0] == sku:
                self._told = (sku, answer.orders)


def _open_units(box: Box, sku: str) -> int:
    session = box.session
    return sum(session.open_of(i) for i, line in enumerate(session.order.lines) if line.sku == sku)
