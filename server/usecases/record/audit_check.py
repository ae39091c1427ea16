"""Does the book agree with itself? Counters, ledger, reservations, holds, lots, transfers, shares: drift is 0."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from server.db import audit_sums, tables
from server.db.audit_sums import Difference
from server.usecases.booking.reference import reference


@dataclass(frozen=True, slots=True)
class Drift:
    """One number that is not what it is made of. ``check`` names the comparison, ``what`` the number."""

    check: str
    what: str
    found: int
    expected: int | None

    @property
    def sentence(self) -> str:
        """For a person."""
        return f"{self.what}: the book says {self.found}, {_MADE_OF[self.check]}".format(self.expected)


_CHECKS: dict[str, tuple[Callable[[Connection], Iterator[Difference]], str]] = {
    "ledger": (audit_sums.ledger, "the ledger comes to {}"),
    "reservations": (audit_sums.reservations, "the orders' reservations come to {}"),
    "orders": (audit_sums.orders, "the ledger gave it {}"),
    "holds": (audit_sums.holds, "the checkouts' holds come to {}"),
    "transfers": (audit_sums.transit, "the transfers come to {}"),
    "lots": (audit_sums.lots, "expected {} there: its lots and its tracking do not agree"),
}
_MADE_OF = {name: made_of for name, (_, made_of) in _CHECKS.items()} | {
    "shares": "no run of its newest moves comes to that",
    "shares ended": "it has no shares any more, so that nothing should be counted",
}
CHECKS = (*_CHECKS, "shares")


def check(connection: Connection, now: float) -> Iterator[tuple[str, list[Drift]]]:
    """Each comparison with its differences, on one snapshot; at most ``audit_sums.LIMIT`` of each."""
    named = _Names(connection)
    for name, (differences, _) in _CHECKS.items():
        yield name, [Drift(name, named.place(each), each.found, each.expected) for each in differences(connection)]
    yield "shares", list(_shares(connection, now))


def _shares(connection: Connection, now: float) -> Iterator[Drift]:
    claims = reference(connection, now).rules.claims
    for use in audit_sums.channel_use(connection):
        what = f"taken of {use.sku} by {use.channel}"
        if claims is None or not claims.tracks(use.sku, use.category):
            yield Drift("shares ended", what, use.used, None)
        elif not use.fits:
            yield Drift("shares", what, use.used, None)


class _Names:
    """What people call a site and an order."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        t = tables.site
        self._sites: dict[int, Any] = {row.id: row.code for row in connection.execute(select(t.c.id, t.c.code))}

    def place(self, each: Difference) -> str:
        """ "reserved of CANDLE lot 7 at EAST for order 1043"."""
        lot = f" lot {each.lot}" if each.lot else ""
        site = self._sites.get(each.site_id, f"site {each.site_id}")
        return f"{each.counter.replace('_', ' ')} of {each.sku}{lot} at {site}{self._order(each.order_id)}"

    def _order(self, order_id: int | None) -> str:
        if order_id is None:
            return ""
        t = tables.order
        number = self._connection.execute(select(t.c.number).where(t.c.id == order_id)).scalar()
        return f" for order {number or f'with id {order_id}'}"
