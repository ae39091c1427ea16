"""The machine's second part: goods in motion, and kits."""

from collections import Counter

from hypothesis import strategies as st

from server.domain.booking.lots import Incoming
from server.domain.warehouse.transfers import Key as Moved
from server.usecases.warehouse.counting import count_shelf
from server.usecases.warehouse.kit_building import build_kit, unbuild_kit
from server.usecases.warehouse.kits import define_kit, list_kits, retire_kit
from server.usecases.warehouse.receiving import receive_goods, take_back
from server.usecases.warehouse.transfers import close_transfer, depart, plan_transfer, scan_in, scan_out
from server.usecases.warehouse.writing_off import write_off
from tests.book import BOSS
from tests.paper.ground import KITS, LOTS, PLAIN
from tests.paper.machine import NTH, verb
from tests.paper.pencil import SITES
from tests.paper.sales_machine import Sales
from tests.paper.seen import Key

SKU = st.sampled_from((*PLAIN, *KITS))
SITE = st.sampled_from(SITES)
LOT = st.sampled_from(tuple(LOTS))
FEW = st.integers(1, 3)
BILLS: dict[str, tuple[dict[str, int], ...]] = {
    "SPA": ({"SOAP": 2, "BRUSH": 1}, {"SOAP": 1, "MUG": 1}, {"BRUSH": 1, "CREAM": 1}),
    "GIFT": ({"SPA": 1, "MUG": 1}, {"SPA": 2}, {"SOAP": 1, "DUO": 1}),
    "DUO": ({"CREAM": 1, "MUG": 1}, {"SOAP": 1, "BRUSH": 1}),
}


class Goods(Sales):
    """Sales, and everything that moves goods."""

    def __init__(self) -> None:
        super().__init__()
        self.truck: int | None = None
        self.load: Counter[Moved] = Counter()
        self.lost: Counter[Moved] = Counter()
        self._read_versions()

    def _read_versions(self) -> None:
        """Which version has which content: told by the book once, reckoned here, and never another afterwards."""
        found = {kit["sku"]: kit for kit in list_kits(self.db)}
        self.paper.bills = {sku: kit["components"] for sku, kit in found.items()}
        self.paper.assembled = {sku for sku, kit in found.items() if kit["assembled"]}
        for sku, kit in found.items():
            content = self.paper.contents(sku)
            assert self.paper.versions.setdefault((sku, kit["version"]), content) == content, (sku, kit)

    def released(self, told: list[str]) -> None:
        """Orders and checkouts that gave way may change."""
        self.may |= {name.split(" ", 1)[1] for name in told}

    def lot(self, sku: str, lot: str) -> str:
        return lot if sku == "CREAM" else ""

    def numbered(self, sku: str, units: int, order: int | None = None) -> tuple[str, ...]:
        """Serial numbers for these units: those that left with the order first, then some that nobody has seen."""
        if sku != "LAMP":
            return ()
        gone = [name for name, one in self.seen.serials.items() if order is not None and one == ("shipped", order)]
        return (*gone[:units], *(f"SN-{next(self.names)}" for _ in range(units - len(gone))))

    # --- in and out -------------------------------------------------------------------------------------------------

    @verb(3, sku=SKU, site=SITE, lot=LOT, units=FEW)
    def goods_come(self, sku: str, site: str, lot: str, units: int) -> None:
        lot = self.lot(sku, lot)
        receive_goods(self.db, BOSS, site, [Incoming(sku, units, lot, LOTS.get(lot, ""), self.numbered(sku, units))])
        self.paper.move("receive", (sku, site, lot), units)
        self.paper.expires.setdefault((sku, lot), LOTS.get(lot, ""))

    @verb(nth=NTH, sku=SKU, site=SITE, lot=LOT, units=FEW)
    def goods_come_back(self, nth: int, sku: str, site: str, lot: str, units: int) -> None:
        order = self.order(nth, "shipped")
        if order is None:
            return
        lot = self.lot(sku, lot)
        lines = [Incoming(sku, units, lot, LOTS.get(lot, ""), self.numbered(sku, units, order))]
        done = self.tried(lambda: take_back(self.db, BOSS, site, lines, order_id=order, reason="back"), "not_shipped")
        if done is not None:
            back = self.paper.returned.setdefault(order, Counter())
            back[sku] += units
            assert back[sku] <= self.paper.shipped[order][sku], f"more {sku} came back than had left"
            self.paper.move("return", (sku, site, lot), units)
            self.paper.expires.setdefault((sku, lot), LOTS.get(lot, ""))

    @verb(2, sku=SKU, site=SITE, lot=LOT, units=st.integers(0, 7))
    def a_shelf_is_counted(self, sku: str, site: str, lot: str, units: int) -> None:
        key = (sku, site, self.lot(sku, lot))
        refusals: tuple[str, ...] = ("unknown_lot", "need_lot")
        if any(key in self.seen.orders[order].claims for order in self.seen.fetched):
            # A person walks off with them at this moment.
            refusals = ("being_picked",)
        done = self.tried(lambda: count_shelf(self.db, BOSS, sku, site, units, lot=key[2], reason="looked"), *refusals)
        assert done is None or "being_picked" not in refusals, f"{key} was counted while it is fetched"
        if done is None:
            return
        self.released(done["released"])
        claims = self.seen.claims()[key]
        assert done["away"] <= claims or any(o.status == "cancelled" for o in self.seen.orders.values()), done
        assert done["after"] == units + done["away"] + done["uncovered"], done
        self.paper.move("count", key, done["after"] - self.paper.on_hand[key])

    @verb(sku=SKU, site=SITE, lot=LOT, units=FEW)
    def goods_are_written_off(self, sku: str, site: str, lot: str, units: int) -> None:
        key = (sku, site, self.lot(sku, lot))
        done = self.tried(
            lambda: write_off(self.db, BOSS, sku, site, units, lot=key[2], reason="broken"),
            "negative_stock",
            "unknown_lot",
            "need_lot",
        )
        if done is not None:
            self.released(done["released"])
            assert done["units"] + done["uncovered"] == units, done
            self.paper.move("write_off", key, -done["units"])

    # --- kits -------------------------------------------------------------------------------------------------------

    @verb(kit=st.sampled_from(KITS), nth=NTH, assembled=st.sampled_from((False, False, False, True)))
    def a_kit_is_defined(self, kit: str, nth: int, assembled: bool) -> None:
        bill = BILLS[kit][nth % len(BILLS[kit])]
        self.tried(lambda: define_kit(self.db, BOSS, kit, bill, assembled=assembled))
        self._read_versions()

    @verb(kit=st.sampled_from(KITS), nth=NTH)
    def a_kit_is_retired(self, kit: str, nth: int) -> None:
        if nth % 4 == 0:
            self.tried(lambda: retire_kit(self.db, BOSS, kit), "not_a_kit")
            self._read_versions()

    @verb(2, kit=st.sampled_from(KITS), site=SITE, units=st.integers(1, 2))
    def kits_are_built(self, kit: str, site: str, units: int) -> None:
        refusals = ("short_components", "not_a_kit", "need_lot")
        done = self.tried(lambda: build_kit(self.db, BOSS, kit, site, units), *refusals)
        if done is None:
            return
        used = Counter[str]()
        for part, lot, n in done["consumed"]:
            self.paper.move("consume", (part, site, lot), -n)
            used[part] += n
        assert used == Counter({leaf: n * units for leaf, n in self.paper.contents(kit).items()})
        self.paper.move("build", (kit, site, ""), units)

    @verb(kit=st.sampled_from(KITS), site=SITE, units=st.integers(1, 2))
    def kits_are_taken_apart(self, kit: str, site: str, units: int) -> None:
        refusals = ("not_available", "not_a_kit", "need_lot", "negative_stock")
        done = self.tried(lambda: unbuild_kit(self.db, BOSS, kit, site, units), *refusals)
        if done is not None:
            for part, lot, n in done["returned"]:
                self.paper.move("consume", (part, site, lot), n)
            self.paper.move("build", (kit, site, ""), -units)

    # --- between the sites ------------------------------------------------------------------------------------------

    @verb(sku=SKU, lot=LOT, units=FEW)
    def goods_go_on_the_truck(self, sku: str, lot: str, units: int) -> None:
        if self.truck is None:
            self.truck = int(plan_transfer(self.db, BOSS, "EAST", "WEST", {Moved("MUG"): 1})["transfer"])
            self.load, self.lost = Counter(), Counter()
        truck, moved = self.truck, Moved(sku, self.lot(sku, lot))
        refusals = ("not_available", "illegal_transition", "unknown_lot")
        if self.tried(lambda: scan_out(self.db, BOSS, truck, moved, units), *refusals) is not None:
            self.load[moved] += units
            self.paper.depart((sku, "EAST", moved.lot), units, "WEST")

    @verb(nth=NTH, units=FEW)
    def goods_come_off_the_truck(self, nth: int, units: int) -> None:
        if self.truck is None or not (known := sorted(+self.load | +self.lost)):
            return
        truck = self.truck
        moved = known[nth % len(known)]
        if self.tried(lambda: scan_in(self.db, BOSS, truck, moved, units), "illegal_transition") is None:
            return
        key: Key = (moved.sku, "WEST", moved.lot)
        arrived = min(units, self.load[moved])
        again = min(units - arrived, self.lost[moved])
        self.load[moved] -= arrived
        self.lost[moved] -= again
        self.paper.transit[key] -= arrived
        self.paper.words["lose", moved.sku] -= again
        self.paper.on_hand[key] += arrived + again
        self.paper.move("count", key, units - arrived - again)

    @verb()
    def the_truck_is_empty(self) -> None:
        if self.truck is None:
            return
        truck = self.truck
        self.tried(lambda: depart(self.db, BOSS, truck), "nothing_dispatched", "illegal_transition")
        if self.tried(lambda: close_transfer(self.db, BOSS, truck), "illegal_transition") is None:
            return
        for moved, n in self.load.items():
            self.paper.transit[moved.sku, "WEST", moved.lot] -= n
            self.paper.words["lose", moved.sku] += n
        self.lost += self.load
        self.load = Counter()

    @verb()
    def another_truck(self) -> None:
        if not +self.load:
            self.truck = None
