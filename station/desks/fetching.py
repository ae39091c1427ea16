"""Fetches the pictures of what may be packed here next, so that they are there when they are wanted, network or not."""

import logging
from collections.abc import Iterable

from server.domain.errors import DomainError, Unavailable
from server.domain.packing.order import PackOrder
from station.desks.boxes import Boxes
from station.desks.leased import Leased
from station.pictures.store import NotThePicture, PictureStore
from station.workplace import Workplace

LOOK_SECONDS = 1.0
LATER_SECONDS = 30.0
"""After a picture that did not come: a bench can do without."""
_log = logging.getLogger("packproof.station")


class Fetching:
    """On a worker of its own: one small request after the other, and none that anything waits for."""

    def __init__(self, place: Workplace, boxes: Boxes, leased: Leased, store: PictureStore) -> None:
        self._place, self._boxes, self._leased, self._store = place, boxes, leased, store
        self._complete: tuple[object, ...] = ()

    def name_of(self, sku: str) -> str:
        """Under which the product's picture is kept; empty without one."""
        product = self._place.catalog.products.get(sku)
        return product.picture if product else ""

    def refresh(self) -> float:
        """Fetch what is missing; the seconds until the next time."""
        now = self._known()
        if now == self._complete:
            return LOOK_SECONDS
        try:
            fetched = [self._fetch(digest) for digest in self._missing()]
        except Unavailable as error:
            _log.debug("pictures wait: %s", error)
            return LATER_SECONDS
        if any(fetched):
            self._place.on_change()
        if not all(fetched):
            return LATER_SECONDS
        self._complete = now
        return LOOK_SECONDS

    def _fetch(self, digest: str) -> bool:
        """Whether it came. Raise Unavailable."""
        try:
            self._store.keep(digest, self._place.client.picture(digest))
        except (DomainError, NotThePicture, OSError) as error:
            _log.info("a picture did not come: %s", error)
            return False
        return True

    def _known(self) -> tuple[object, ...]:
        """Changes with whatever may be packed here, and with what it looks like."""
        place = self._place
        with place.lock:
            return place.catalog.version, place.journal.lease_changes, *(box.session_id for box in self._boxes.every())

    def _missing(self) -> list[str]:
        with self._place.lock:
            orders = [*(box.session.order for box in self._boxes.every()), *self._leased.orders]
        wanted = dict.fromkeys(filter(None, map(self.name_of, self._skus(orders))))
        return [digest for digest in wanted if not self._store.touch(digest)]

    def _skus(self, orders: Iterable[PackOrder]) -> Iterable[str]:
        """What is in these orders, the first one's first; then what can be mistaken for it."""
        skus = dict.fromkeys(line.sku for order in orders for line in order.lines)
        products = self._place.catalog.products
        groups = {products[sku].look_alike for sku in skus if sku in products} - {""}
        mates = (product.sku for product in products.values() if product.look_alike in groups) if groups else ()
        return dict.fromkeys((*skus, *mates))
