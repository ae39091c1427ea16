"""Carriers of a test: real accounts in the book, and behind each a carrier that offers and fails as told."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from server import carriers
from server.carriers import Capabilities, Carrier
from server.db import tables
from server.db.transaction import Database
from server.trade.shipping import BuyRequest, Consignment, Purchased, Quote

PROVIDER = "in_memory"


@dataclass
class InMemory:
    """One carrier. ``error`` is raised by every quote while it is there; ``gate`` holds them until it is opened.

    ``unsold`` is raised by every purchase.
    """

    offers: list[Quote] = field(default_factory=list)
    error: Exception | None = None
    unsold: Exception | None = None
    gate: threading.Event | None = None
    asked: list[Consignment] = field(default_factory=list)
    sold: list[BuyRequest] = field(default_factory=list)

    def quote(self, consignment: Consignment) -> Sequence[Quote]:
        """See Carrier."""
        self.asked.append(consignment)
        if self.gate is not None:
            self.gate.wait(10)
        if self.error is not None:
            raise self.error
        return self.offers

    def buy(self, request: BuyRequest, idempotency_key: str) -> Purchased:
        """See Carrier."""
        if self.unsold is not None:
            raise self.unsold
        self.sold.append(request)
        offer = next(each for each in self.offers if each.service == request.service)
        return Purchased(f"IM{request.number:08d}", request.service, offer.price, offer.currency)


def offer(service: str, price: str, days: int | None = 4, currency: str = "USD") -> Quote:
    """An offer of theirs."""
    return Quote(service=service, price=Decimal(price), currency=currency, days=days)


def open_accounts(db: Database, patch: pytest.MonkeyPatch, made: Mapping[str, Carrier | InMemory]) -> None:
    """An account for each of these, by its code."""
    abilities = Capabilities(quote=True, look_up=False)
    module = SimpleNamespace(carrier=lambda found, _line: made[found.code], capabilities=lambda _found: abilities)
    real = carriers._module

    def known(provider: str) -> Any:
        return module if provider == PROVIDER else real(provider)

    patch.setattr(carriers, "_module", known)
    rows = [{"code": code, "name": code.title(), "provider": PROVIDER, "settings": {}} for code in made]
    with db.engine.begin() as connection:
        connection.execute(tables.carrier_account.insert(), rows)
