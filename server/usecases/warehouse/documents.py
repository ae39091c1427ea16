"""One counted document of a dock station: whichever kind it is, looked up and booked by the use case of that kind."""

from collections.abc import Callable, Mapping

from sqlalchemy import select

from server import wire
from server.db import people as people_rows
from server.db import sites as db_sites
from server.db import tables
from server.db.transaction import Actor, Database
from server.domain.booking.lots import Incoming
from server.domain.errors import DomainError
from server.domain.people import Role
from server.domain.warehouse.transfers import TransferState
from server.usecases.warehouse import counting, putting_back, receiving, transfers, truckloads
from server.usecases.warehouse.goods import Answer

_i = tables.inbound
_MAY_GIVE_UP = frozenset({Role.SUPERVISOR, Role.ADMIN})


def expected(db: Database, site: str, ask: wire.GoodsAsk) -> wire.GoodsExpected:
    """The list of a document; of a delivery that nobody announced it is empty.

    Raise DomainError("not_found" | "wrong_site" | "illegal_transition"), and as ``putting_back.waits`` and
    ``counting.begin_count``.
    """
    if ask.kind == "count":
        shelf = counting.begin_count(db, ask.sku, site, lot=ask.lot)
        return wire.GoodsExpected(ref=shelf["sku"], expected=shelf["expected"])
    if ask.kind == "put-back":
        number, left = putting_back.waits(db, site, ask.ref)
        return wire.GoodsExpected(ref=number, lines=tuple(_line(each) for each in left))
    return _advised(db, site, ask.ref) if ask.kind == "receive" else _transfer(db, site, ask)


def book(db: Database, actor: Actor, site: str, document: wire.GoodsDocument) -> wire.GoodsBooked:
    """Book it once, all of it or nothing. Raise DomainError as the use case of its kind does, and "invalid"."""
    lines = [Incoming(x.sku, x.units, x.lot, x.expires_on, x.serials) for x in document.lines]
    return _BOOK[document.kind](db, actor, site, document, lines)


def _receive(
    db: Database, actor: Actor, site: str, document: wire.GoodsDocument, lines: list[Incoming]
) -> wire.GoodsBooked:
    receiving.receive_goods(db, actor, site, lines, ref=document.ref, key=document.key)
    return wire.GoodsBooked()


def _put_back(
    db: Database, actor: Actor, site: str, document: wire.GoodsDocument, lines: list[Incoming]
) -> wire.GoodsBooked:
    if document.gone:
        with db.read() as connection:
            person = people_rows.person(connection, document.person_id)
        if person is None or not _MAY_GIVE_UP & people_rows.roles_of(person):
            raise DomainError("not_permitted", "expected a supervisor to say that the rest is gone", says="goods_who")
    done = putting_back.put_back(db, actor, site, document.ref, lines, gone=document.gone, key=document.key)
    return wire.GoodsBooked(missing=done["missing"])


def _send(
    db: Database, actor: Actor, site: str, document: wire.GoodsDocument, lines: list[Incoming]
) -> wire.GoodsBooked:
    number = _number(document.ref)
    _end(transfers.show_transfer(db, number), "from", site)
    after = truckloads.send_truck(db, actor, number, lines, key=document.key)["lines"]
    short = sum(max(0, x["planned"] - x["dispatched"]) for x in after)
    return wire.GoodsBooked(missing=short, surplus=sum(max(0, x["dispatched"] - x["planned"]) for x in after))


def _arrive(
    db: Database, actor: Actor, site: str, document: wire.GoodsDocument, lines: list[Incoming]
) -> wire.GoodsBooked:
    number = _number(document.ref)
    _end(transfers.show_transfer(db, number), "to", site)
    after = truckloads.unload_truck(db, actor, number, lines, key=document.key)["lines"]
    return wire.GoodsBooked(missing=sum(x["lost"] for x in after), surplus=sum(x["found"] for x in after))


def _count(
    db: Database, actor: Actor, site: str, document: wire.GoodsDocument, lines: list[Incoming]
) -> wire.GoodsBooked:
    if len(lines) != 1:
        what = f"expected one product on the shelf that is counted, found {len(lines)}"
        raise DomainError("invalid", what, says="goods_one_product")
    [line] = lines
    told = {"lot": line.lot, "reason": "counted at the dock", "key": document.key}
    done = counting.count_shelf(db, actor, line.sku, site, line.units, expected=document.expected, **told)
    return wire.GoodsBooked(before=done["before"] - done["away"], after=done["after"] - done["away"])


_BOOK: Mapping[str, Callable[[Database, Actor, str, wire.GoodsDocument, list[Incoming]], wire.GoodsBooked]] = {
    "receive": _receive,
    "put-back": _put_back,
    "send": _send,
    "arrive": _arrive,
    "count": _count,
}


def _advised(db: Database, site: str, ref: str) -> wire.GoodsExpected:
    """What a supplier announced and has not come yet."""
    with db.read() as connection:
        site_id = db_sites.by_code(connection, site).id
        query = select(_i).where(_i.c.ref == ref.strip(), _i.c.site_id == site_id).order_by(_i.c.sku)
        rows = connection.execute(query).all()
    lines = (wire.GoodsLine(sku=r.sku, units=max(0, r.quantity - r.received)) for r in rows)
    return wire.GoodsExpected(ref=ref.strip(), lines=tuple(line for line in lines if line.units))


def _transfer(db: Database, site: str, ask: wire.GoodsAsk) -> wire.GoodsExpected:
    found = transfers.show_transfer(db, _number(ask.ref))
    end, counted = ("from", "planned") if ask.kind == "send" else ("to", "in_transit")
    _end(found, end, site)
    open_states = (TransferState.PLANNED, TransferState.LOADING)
    if ask.kind == "send" and found["state"] not in open_states:
        what, says = f"transfer {found['transfer']} has left or is over: {found['state']}", "goods_left"
        raise DomainError("illegal_transition", what, says=says, transfer=found["transfer"])
    if ask.kind == "arrive" and found["state"] not in (TransferState.LOADING, TransferState.ON_THE_WAY):
        what, says = f"transfer {found['transfer']} is not on the way: {found['state']}", "goods_not_coming"
        raise DomainError("illegal_transition", what, says=says, transfer=found["transfer"])
    done = "dispatched" if ask.kind == "send" else ""
    left = [(x, x[counted] - (x[done] if done else 0)) for x in found["lines"]]
    lines = tuple(wire.GoodsLine(sku=x["sku"], lot=x["lot"], units=units) for x, units in left if units > 0)
    return wire.GoodsExpected(ref=str(found["transfer"]), lines=lines)


def _end(found: Answer, end: str, site: str) -> None:
    """A bench counts for its own site only."""
    if found[end] != site:
        facts = {"transfer": found["transfer"], "source": found["from"], "target": found["to"], "site": site}
        what = f"transfer {found['transfer']} goes from {found['from']} to {found['to']}, not {site}"
        raise DomainError("wrong_site", what, says="goods_site", **facts)


def _number(ref: str) -> int:
    """The number of a transfer, as it is written on its paper."""
    text = ref.strip().upper().removeprefix("TRANSFER").strip(" -#")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        what = f"expected the number of a transfer, found {ref[:20]!r}"
        raise DomainError("not_found", what, says="goods_paper", ref=ref[:20])
    return int(text)


def _line(each: Incoming) -> wire.GoodsLine:
    return wire.GoodsLine(sku=each.sku, units=each.units, lot=each.lot)
