"""What every carrier would ask for a parcel that nobody sends: for a person who compares accounts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from printing.documents import Address
from server.calls.troubles import Trouble
from server.db import tables
from server.db.transaction import Database
from server.domain.errors import DomainError
from server.trade.shipping import Consignment, Quote
from server.usecases.shipping.accounts import accounts, counter_of


@dataclass(frozen=True, slots=True)
class Offered:
    """What one carrier says: its quotes, or in ``trouble`` why it has none."""

    carrier: str
    quotes: Sequence[Quote] = ()
    trouble: str = ""


def try_quotes(db: Database, consignment: Consignment, only: str = "") -> Iterator[Offered]:
    """Ask each active carrier that gives quotes, one after the other; ``only`` asks this one.

    Raise DomainError("unknown_carrier" | "invalid") for the one that was named.
    """
    with db.read() as connection:
        known = accounts(connection)
    for code in [only] if only else [each.code for each in known.values() if each.active]:
        try:
            counter = counter_of(db, code)
            if consignment.crosses and not counter.can.customs:
                yield Offered(code, (), "it takes no parcel over a border")
            elif counter.can.quote:
                found = sorted(counter.carrier.quote(consignment), key=lambda each: each.price)
                yield Offered(code, found, "" if found else "it offers nothing for this parcel")
            elif only:
                yield Offered(code, (), "it gives no quotes")
        except Trouble as trouble:
            yield Offered(code, (), trouble.detail)
        except DomainError as error:
            if only:
                raise
            yield Offered(code, (), error.detail)


def from_site(db: Database, code: str = "") -> Address:
    """The address of a site, of the only one where none is named; raise DomainError("not_found" | "no_address")."""
    with db.read() as connection:
        rows = list(connection.execute(select(tables.site).where(tables.site.c.active).order_by(tables.site.c.code)))
    those = [row for row in rows if row.code == code or not code]
    if len(those) != 1:
        raise DomainError("not_found", f"expected one of the sites {', '.join(row.code for row in rows)}; name it")
    kept = those[0].address or {}
    if not kept.get("lines") or not kept.get("postcode"):
        raise DomainError(
            "no_address", f"site {those[0].code} has no address; ship_from of the setup file gives it one"
        )
    texts = {name: str(kept.get(name) or "") for name in ("company", "city", "region", "postcode", "country", "phone")}
    return Address(name=those[0].name, lines=tuple(map(str, kept["lines"])), **texts)
