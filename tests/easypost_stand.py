"""The EasyPost adapter in front of the simulated EasyPost: no database, no socket, a clock that is moved by hand."""

from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from printing.documents import Address
from server.calls.line import Forgetful, Line
from server.calls.pace import Pace
from server.carriers import Account, Carrier, carrier
from server.simulated.carriers.easypost import SimulatedEasyPost
from server.simulated.platforms.transport import transport
from server.trade.shipping import BuyRequest, Purchased, Shipment
from tests.carriers import SERVICES

HOME = Address("Dock", lines=("1 Dock Road",), city="Portland", region="OR", postcode="97201", country="US")
AWAY = Address("Zoe Quill", lines=("7 Hidden Lane",), city="Springfield", region="CA", postcode="94107", country="US")
PARCEL = BuyRequest(
    ship_from=HOME, ship_to=AWAY, weight_grams=500, parcel_id="PCL0000000001", number=1, service="standard"
)


@dataclass
class Stand:
    """One account. ``memory`` outlives ``carrier``, as the database outlives a process."""

    settings: dict[str, Any] = field(default_factory=dict)
    at: float = 1_800_000_000.0
    memory: Forgetful = field(default_factory=Forgetful)
    easypost: SimulatedEasyPost = field(init=False)
    carrier: Carrier = field(init=False)

    def __post_init__(self) -> None:
        self.easypost = SimulatedEasyPost(lambda: self.at)
        self.restart()

    def restart(self, handler: httpx.MockTransport | None = None) -> None:
        """A new process: only the memory is left. ``handler`` answers instead of the simulation."""
        settings = {**self.easypost.settings(), "services": SERVICES, **self.settings}
        client = httpx.Client(transport=handler or transport([self.easypost]))
        line = Line("easypost", settings, client, lambda: self.at, Pace({}, lambda: self.at), self.memory, patience=0.0)
        self.carrier = carrier(Account("easypost", "EasyPost", "easypost", settings=settings), line)

    def buy(self, **changes: Any) -> Purchased:
        """The parcel's label."""
        return self.carrier.buy(replace(PARCEL, **changes), PARCEL.parcel_id)

    def look_up(self) -> Purchased | None:
        """What is bought for the parcel."""
        return self.carrier.look_up(PARCEL.parcel_id)

    def others(self, *services: str) -> list[Shipment]:
        """More parcels with a label each."""
        made = []
        for nth, service in enumerate(services):
            request = replace(PARCEL, service=service, parcel_id=f"PCL1{nth}")
            made.append(as_shipment(self.carrier.buy(request, request.parcel_id), request.parcel_id))
        return made


def as_shipment(bought: Purchased, parcel_id: str = PARCEL.parcel_id) -> Shipment:
    """A label as it is kept."""
    return Shipment(parcel_id, bought.tracking, bought.shipment_id, bought.service)
