"""What is really there: boxes and where each one stands, whatever anybody's screen says; and what the office does."""

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select, update

from server.db import orders, parcels, tables
from server.db.transaction import Database, transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.errors import DomainError
from server.domain.sales.orders import OrderStatus
from server.usecases.benchwork.swaps import Locked, block_both
from server.usecases.loading.planning import Plan, plan_load
from server.usecases.sales.cancel import cancel_order
from server.usecases.shipping.relabelling import relabel
from tests.floor import BOSS

DOCK, SHELF = "at the dock", "on its shelf"
NEW = "NEW-"
"""So begins the name of a load that the server has not heard of."""
NIGHT = 12 * 3600.0
CARRIERS = ("own-van", "city-bikes", "north", "south")
_p, _o = tables.parcel, tables.order


@dataclass(slots=True)
class Box:
    """One box with the label that is on it now. ``place`` is DOCK or the load on whose vehicle it stands."""

    order_id: int
    number: str
    carrier: str
    parcel_id: str = ""
    tracking: str = ""
    place: str = DOCK
    refused: str = ""
    """The load that did not take it: nobody tries it there again and again."""
    gone: bool = False


@dataclass(slots=True)
class Yard:
    """The boxes of a site and the clock of its days."""

    db: Database
    chance: random.Random
    waiting: list[tuple[int, str]]
    """Orders whose boxes have not come to the dock yet: id and number."""
    boxes: list[Box] = field(default_factory=list)
    at: float = 1_800_000_000.0
    seen: Counter[str] = field(default_factory=Counter)
    called: dict[str, str] = field(default_factory=dict)
    """What the server calls loads that began with no network."""
    follows: dict[str, str] = field(default_factory=dict)
    """Loads for what stood in the vehicle of another that was closed without it."""

    def __post_init__(self) -> None:
        self.db.now = lambda: self.at

    @property
    def here(self) -> list[Box]:
        """Boxes that have not left."""
        return [box for box in self.boxes if not box.gone and box.place != SHELF]

    def on(self, load_id: str) -> list[Box]:
        """Boxes in this vehicle, or that were in it when it left."""
        return [box for box in self.boxes if box.place == load_id]

    def find(self, parcel_id: str) -> Box | None:
        """The box with this label on it; None where the label was on a box once."""
        return next((box for box in self.boxes if box.parcel_id == parcel_id), None)

    def night(self) -> None:
        """What may not leave goes back to its shelf, and a week passes for what was cancelled."""
        with self.db.read() as connection:
            states = {row.id: row.state for row in connection.execute(select(_p.c.id, _p.c.state))}
        for box in self.here:
            if states[box.parcel_id] == ParcelState.BLOCKED.value:
                self.cancel(box)
            if states[box.parcel_id] in (ParcelState.BLOCKED.value, ParcelState.CANCELLED.value):
                box.place = SHELF
        with self.db.engine.begin() as connection:
            old = _p.c.state == ParcelState.CANCELLED.value
            connection.execute(update(_p).where(old).values(cancelled_at=self.at - 8 * 86_400.0))
        self.at += NIGHT

    def vehicle(self, load_id: str) -> str:
        """The load with whose vehicle this one left."""
        while load_id in self.follows:
            load_id = self.follows[load_id]
        return load_id

    def leaves(self, load_id: str) -> None:
        """The vehicle drives off."""
        for box in self.on(load_id):
            box.gone = True

    def is_called(self, name: str, real: str) -> None:
        """The server heard of a load that began with no network."""
        self.called[name] = real
        for box in self.boxes:
            box.place = real if box.place == name else box.place
            box.refused = real if box.refused == name else box.refused

    def arrive(self, count: int) -> None:
        """So many boxes come from the benches; every fifteenth with a label that nobody has confirmed."""
        for order_id, number in self.waiting[:count]:
            box = Box(order_id, number, self.chance.choice(CARRIERS))
            self._label(box, "bought" if self.chance.random() < 1 / 15 else "ready")
            self.boxes.append(box)
        del self.waiting[:count]

    def _label(self, box: Box, state: str) -> None:
        row = {"order_id": box.order_id, "site_id": 1, "carrier": box.carrier, "service": "standard"}
        row |= {"purchase": "bought", "state": state, "bought_at": self.at, "weight_grams": 500}
        ready = {"ready_at": self.at} if state == "ready" else {}
        with self.db.engine.begin() as connection:
            made = int(connection.execute(insert(_p).values(row | ready).returning(_p.c.number)).scalar_one())
            box.parcel_id, box.tracking = f"PCL{made:07d}", f"TRK{made:09d}"
            named = {"id": box.parcel_id, "tracking": box.tracking}
            connection.execute(update(_p).where(_p.c.number == made).values(**named))

    # --- the office and the benches -----------------------------------------------------------------------------

    def something(self) -> None:
        """Somebody outside the dock does something to a box."""
        box = self.chance.choice(self.here) if self.here else None
        if box is not None:
            acts = (self.cancel, self.cancel, self.cancel, self.swap, self.new_label, self.confirm)
            self.chance.choice(acts)(box)

    def cancel(self, box: Box) -> None:
        """The buyer wants it no more."""
        self._try("cancelled", lambda: cancel_order(self.db, BOSS, box.order_id))

    def swap(self, box: Box) -> None:
        """A bench finds this label on another's box."""
        other = self.chance.choice(self.here)
        if other is box:
            return
        with transaction(self.db, BOSS, "swap") as tx:
            order = orders.lock(tx, box.order_id)
            found = parcels.lock(tx, [box.parcel_id, other.parcel_id])
            both = Locked(found[box.parcel_id], {other.tracking: found[other.parcel_id]})
            block_both(tx, order, both, [other.tracking])
        self.seen["swapped"] += 1

    def new_label(self, box: Box) -> None:
        """Its label is void; a box that stands at the dock is labelled anew at once, one in a vehicle has to wait."""
        if self._try("relabelled", lambda: relabel(self.db, BOSS, box.parcel_id, "torn")):
            self.relabel_boxes()

    def relabel_boxes(self) -> None:
        """Boxes at the dock whose orders wait for another label get it."""
        query = select(_p.c.id).join(_o, _o.c.id == _p.c.order_id)
        void = query.where(_p.c.state == "cancelled", _o.c.status == OrderStatus.READY.value)
        with self.db.read() as connection:
            ids = set(connection.execute(void).scalars())
        for box in self.here:
            if box.parcel_id in ids and box.place == DOCK:
                self._label(box, "ready")
                with transaction(self.db, BOSS, "pack") as tx:
                    for step in (OrderStatus.PACKING, OrderStatus.PACKED):
                        orders.set_status(tx, box.order_id, step)

    def confirm(self, _box: Box) -> None:
        """A bench confirms the labels that nobody had."""
        with transaction(self.db, BOSS, "confirm") as tx:
            for row in tx.connection.execute(select(_p).where(_p.c.state == "bought")).all():
                parcels.set_state(tx, row, ParcelState.READY, ready_at=tx.now)

    def plan(self, carrier: str) -> str:
        """A load for some of the boxes of a carrier; nothing where they are in another plan."""
        mine = [box.number for box in self.here if box.carrier == carrier and box.place == DOCK]
        chosen = tuple(self.chance.sample(mine, min(4, len(mine))))
        if not chosen:
            return ""
        try:
            return plan_load(self.db, BOSS, Plan(site="EAST", carrier=carrier, orders=chosen))
        except DomainError:
            return ""

    def _try(self, name: str, act: Any) -> bool:
        try:
            act()
        except DomainError:
            self.seen[f"{name}_refused"] += 1
            return False
        self.seen[name] += 1
        return True


def orders_packed(db: Database) -> list[tuple[int, str]]:
    """Every packed order: id and number."""
    with db.read() as connection:
        query = select(_o.c.id, _o.c.number).where(_o.c.status == "packed").order_by(_o.c.id)
        return [(row.id, row.number) for row in connection.execute(query)]
