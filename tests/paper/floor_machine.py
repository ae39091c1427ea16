"""The whole machine: what is sold is also packed by a real bench, unpacked, loaded and shipped."""

from collections import Counter

from server.domain.benchwork.reasons import Reason
from server.domain.packing.session import AskedKind
from server.usecases.benchwork.opening import release_order
from server.usecases.benchwork.unpacking import unpack
from tests.book import BOSS
from tests.floor import Dock
from tests.paper.ground import CODES
from tests.paper.machine import NTH, verb
from tests.paper.seen import Seen
from tests.paper.walks_machine import Walks


class StockMachine(Walks):
    """Everything."""

    def __init__(self) -> None:
        super().__init__()
        self.labels: dict[int, str] = {}

    @verb(6, nth=NTH, scans=NTH)
    def an_order_is_packed(self, nth: int, scans: int) -> None:
        """To its end; every fourth time the packer stops in the middle."""
        order = self.order(nth, "ready")
        if order is None:
            return
        number = self.seen.orders[order].number
        # A bench has one order: what it left in the middle goes back first.
        for other, found in self.seen.orders.items():
            if found.status == "packing":
                self.may.add(found.number)
                release_order(self.db, BOSS, other)
        released = set(self.may)
        if self.tried(lambda: self.bench.open(number), "expired", "not_ready") is None:
            self.may = released
            return
        assert order not in self.seen.fetched, f"a bench opened order {number} while its goods are fetched"
        session = self.bench.session
        assert session is not None
        codes = [CODES[line.sku] for line in session.order.lines for _ in range(line.quantity)]
        wanted = Counter(line.sku for line in session.order.lines for _ in range(line.quantity))
        claims = Counter[str]()
        for (sku, _, _), n in self.seen.orders[order].claims.items():
            claims[sku] += n
        assert wanted == claims, f"the bench of {number} wants {wanted}, it holds {claims}"
        stop = scans % (len(codes) + 1) if scans % 4 == 0 else len(codes)
        for code in codes[:stop]:
            self._scanned(code)
        self.bench.send()
        session = self.bench.session
        if session is not None and not session.open_units:
            label = self.bench.buy()
            self.bench.scan(label.tracking)
            self.bench.send()
            self.labels[order] = label.tracking
            self.then.append(lambda after: _is(after, order, "packed"))

    def _scanned(self, code: str) -> None:
        """One item; of one kept by lots the packer takes the lots of the order. One not good long enough stays out."""
        self.bench.scan(code)
        session = self.bench.session
        assert session is not None
        if session.asked is None:
            return
        if session.asked.kind is AskedKind.SERIAL:
            here = {one.serial for one in session.captured}
            known = [n for n, one in self.seen.serials.items() if one.state == "in_stock" and n not in here]
            self.bench.scan(known[0] if known else f"SN-{next(self.names)}")
            return
        line = next(line for line in session.order.lines if line.sku == session.asked.sku)
        used = Counter(one.lot for one in session.captured if one.sku == line.sku)
        lot = next(one.lot for one in line.lots if used[one.lot] < one.reserved)
        if self.bench.scan(lot) is Reason.EXPIRED:
            self.bench.scan("PPC-OK")

    @verb(nth=NTH)
    def a_box_is_opened(self, nth: int) -> None:
        if (order := self.order(nth, "packed", "packing")) is not None:
            unpack(self.db, BOSS, order, "to look inside")

    @verb(3)
    def a_truck_takes_the_boxes(self) -> None:
        """All that are packed; what the dock must not let out stays."""
        packed = [order for order, found in self.seen.orders.items() if found.status == "packed"]
        if not packed:
            return
        dock = Dock.at(self.bench)
        for order in packed:
            dock.scan(self.labels[order])
        for parcel in [p for p in dock.load.parcels if p.parcel_id in dock.load.set_aside]:
            for code in ("PPC-ASIDE-DONE", parcel.tracking):
                dock.scan(code)
        self.bench.close_load(dock.load.load_id, len(dock.load.loaded))
        self.may |= {self.seen.orders[order].number for order in packed}
        before = self.seen

        def gone(after: Seen) -> None:
            for order in packed:
                if after.orders[order].status == "shipped":
                    left = self.paper.shipped.setdefault(order, Counter())
                    for key, n in before.orders[order].claims.items():
                        self.paper.move("ship", key, -n)
                        left[key[0]] += n

        self.then.append(gone)


def _is(after: Seen, order: int, status: str) -> None:
    assert after.orders[order].status == status, after.orders[order]
