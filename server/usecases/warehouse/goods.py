"""What every movement of goods begins with: the site, the product and its tracking, and no effect twice."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select, update

from server.db import catalogue, tables
from server.db import sites as db_sites
from server.db import stock as db_stock
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.booking.lots import UNITS_MAX, Tracking
from server.domain.booking.stock import StockKey
from server.domain.errors import DomainError
from server.usecases.booking.reference import raise_version

Answer = dict[str, Any]
REASON_MAX = 255
_KEY_MAX = 120
_t, _p, _u = tables.goods_request, tables.product, tables.serial_unit


def keyed(
    db: Database,
    actor: Actor,
    verb: str,
    work: Callable[[Transaction], Answer],
    *,
    key: str = "",
    content: object = None,
) -> Answer:
    """Do ``work`` in one transaction and return its answer; the same ``key`` again gives the answer it gave.

    An empty key is never remembered. Raise DomainError("key_reused") when the key came with another content.
    """
    if len(key) > _KEY_MAX or not (key.isprintable() or not key):
        raise DomainError("invalid", f"key: expected at most {_KEY_MAX} printable characters, found {key[:40]!r}")
    body = msgspec.json.encode([verb, content], order="deterministic")
    fingerprint = hashlib.sha256(body).hexdigest()

    def once() -> Answer:
        with transaction(db, actor, verb) as tx:
            if not key:
                return work(tx)
            before = tx.connection.execute(select(_t).where(_t.c.key == key)).first()
            if before is None:
                # Taken first: of two at once the second finds the key and does nothing.
                tx.connection.execute(insert(_t).values(key=key, fingerprint=fingerprint, answer={}, at=tx.now))
                answer = work(tx)
                tx.connection.execute(update(_t).where(_t.c.key == key).values(answer=answer))
                return answer
            if before.fingerprint != fingerprint:
                raise DomainError("key_reused", f"key {key} was used for something else", says="goods_twice")
            return dict(before.answer)

    return again(once)


def product_of(connection: Connection, sku: str) -> Row[Any]:
    """The product; raise DomainError("unknown_sku")."""
    row = catalogue.product(connection, sku.strip()) if sku.isprintable() else None
    if row is None:
        what = f"there is no product {sku[:64]!r}; add it first"
        raise DomainError("unknown_sku", what, says="no_product_here", sku=sku[:64])
    return row


def tracking_of(product: Row[Any]) -> Tracking:
    """What must be known of each of its units."""
    return Tracking(lots=product.lot_tracked, expiry=product.expires, serials=product.serial_tracked)


def units(number: int, sku: str) -> int:
    """A number of units that can be moved; raise DomainError("invalid")."""
    if not 0 < number <= UNITS_MAX:
        what = f"expected 1 to {UNITS_MAX} units of {sku}, found {number}"
        raise DomainError("invalid", what, says="goods_units", sku=sku, units=number)
    return number


def reason_text(text: str) -> str:
    """Why, in a person's words; raise DomainError("invalid") for nothing."""
    text = text.strip()
    if not text or len(text) > REASON_MAX or not text.isprintable():
        raise DomainError("invalid", f"reason: expected 1 to {REASON_MAX} printable characters, found {text[:40]!r}")
    return text


def row_of(connection: Connection, sku: str, site: str, lot: str) -> StockKey:
    """The key of a row of stock; raise DomainError: unknown product or site, "need_lot" and "unknown_lot"."""
    product = product_of(connection, sku)
    site_row = db_sites.by_code(connection, site)
    t = tables.stock
    query = select(t.c.lot).where(t.c.sku == product.sku, t.c.site_id == site_row.id).order_by(t.c.lot)
    lots = list(connection.execute(query).scalars())
    if lot and lot not in lots:
        known = ", ".join(each for each in lots if each)
        what = f"{sku} has no lot {lot[:40]!r} at {site}; there are: {known or 'none'}"
        raise DomainError("unknown_lot", what, says="goods_lot_unknown", sku=sku, lot=lot[:40])
    if not lot and product.lot_tracked and "" not in lots:
        what = f"{sku} is kept by lot: say which of {', '.join(lots) or 'none'}"
        raise DomainError("need_lot", what, says="goods_lot", sku=sku)
    return product.sku, site_row.id, lot


def expiry_of(connection: Connection, sku: str, lot: str) -> str | None:
    """When this lot expires, wherever it lies; None when nobody has seen it."""
    t = tables.stock
    query = select(t.c.expires_on).where(t.c.sku == sku, t.c.lot == lot).order_by(t.c.expires_on.desc()).limit(1)
    return connection.execute(query).scalar() if lot else None


def put_row(tx: Transaction, key: StockKey, expires_on: str | None = None) -> None:
    """An empty row where there is none; the date of a known lot is kept."""
    sku, site_id, lot = key
    dated = expires_on if expires_on is not None else expiry_of(tx.connection, sku, lot)
    db_stock.create_missing(tx, [(sku, site_id, lot, dated or "")])


def serials_here(connection: Connection, sku: str, serials: Sequence[str]) -> set[str]:
    """Those of these serial numbers that are in the house."""
    query = select(_u.c.serial).where(_u.c.sku == sku, _u.c.serial.in_(sorted(set(serials))))
    return set(connection.execute(query.where(_u.c.state.in_(("in_stock", "packed", "in_transit")))).scalars())


def set_tracking(
    db: Database, actor: Actor, sku: str, *, lots: bool, expiry: bool = False, serials: bool = False
) -> None:
    """Say what must be known of each unit; raise DomainError("has_stock") when units there do not have it."""
    if expiry and not lots:
        raise DomainError("invalid", "an expiry date belongs to a lot: keep the product by lot as well")
    with transaction(db, actor, "set_tracking") as tx:
        product = product_of(tx.connection, sku)
        raise_version(tx)
        loose = sum(level.on_hand for key, level in db_stock.lock(tx, [sku]).items() if bool(key[2]) != lots)
        if loose and lots != product.lot_tracked:
            kept = "without a lot" if lots else "kept by lot"
            raise DomainError("has_stock", f"{loose} units of {sku} are {kept}: write them off and receive them again")
        values = {"lot_tracked": lots, "expires": expiry, "serial_tracked": serials}
        tx.connection.execute(update(_p).where(_p.c.sku == sku).values(**values))
        tx.note("product.tracking", values, sku=sku)
