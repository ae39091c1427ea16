"""Kits put together ahead of a sale, and taken apart again: components become the kit in one transaction (KIT-04)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from server.db import kits as rows
from server.db import sites as db_sites
from server.db import stock as db_stock
from server.db.stock import Levels
from server.db.transaction import Actor, Database, Transaction
from server.domain.benchwork.reasons import Reason
from server.domain.booking.kits import KitBook
from server.domain.booking.lots import LotRow, code, day_in, fefo, good_units
from server.domain.booking.stock import Move, MoveKind
from server.domain.errors import DomainError
from server.usecases.booking.stock import Posting, post
from server.usecases.warehouse import goods
from server.usecases.warehouse.goods import Answer, keyed

Piece = tuple[str, str, int]
"""(component, lot, units) that went into a kit."""


def build_kit(db: Database, actor: Actor, sku: str, site: str, units: int, *, lot: str = "", key: str = "") -> Answer:
    """Put ``units`` kits together from units that nobody was promised, the first to expire first.

    A kit of goods that expire is kept by lot: ``lot`` names it, and it expires with the first of its components.
    The answer: {"sku", "site", "lot", "units", "consumed": [[sku, lot, units]]}. Raise DomainError("short_components")
    naming each, "not_a_kit", "need_lot".
    """
    lot = code("lot", lot)

    def work(tx: Transaction) -> Answer:
        product = goods.product_of(tx.connection, sku)
        site_row = db_sites.by_code(tx.connection, site)
        kits = rows.read(tx.connection)
        needs = kits.contents(sku, goods.units(units, sku))
        levels = db_stock.lock(tx, {sku, *needs})
        pieces = _pieces(levels, site_row.id, needs, day_in(tx.now, site_row.time_zone))
        expires_on = _expiry(product, levels, site_row.id, pieces, lot)
        goods.put_row(tx, (sku, site_row.id, lot), expires_on)
        reason = f"{units} of {sku} version {kits.version(sku)} built"
        moves = [Move(MoveKind.CONSUME, part, site_row.id, -n, lot=from_lot) for part, from_lot, n in pieces]
        post(tx, [Posting([*moves, Move(MoveKind.BUILD, sku, site_row.id, units, lot=lot)], reason=reason)])
        answer: Answer = {"sku": sku, "site": site_row.code, "lot": lot, "units": units}
        answer["consumed"] = [list(piece) for piece in pieces]
        _record(tx, answer, site_row.id, kits.version(sku))
        return answer

    return keyed(db, actor, "build_kit", work, key=key, content=[sku, site, units, lot])


def unbuild_kit(db: Database, actor: Actor, sku: str, site: str, units: int, *, lot: str = "", key: str = "") -> Answer:
    """Take kits apart that nobody was promised: the components they were built from are for sale again.

    Of several lots that went in, those that expire first come out first: a shelf life is never overstated. Kits that
    came ready made are opened by the current definition. Raise DomainError("not_available"), "not_a_kit", and
    "need_lot" for ready-made kits whose components are kept by lot.
    """

    def work(tx: Transaction) -> Answer:
        goods.units(units, sku)
        key_of = goods.row_of(tx.connection, sku, site, lot)
        kits = rows.read(tx.connection)
        builds = rows.lock_builds(tx, *key_of)
        pieces = _opened(tx, kits, sku, builds, units)
        for part, part_lot, _ in pieces:
            goods.put_row(tx, (part, key_of[1], part_lot))
        levels = db_stock.lock(tx, {sku, *(part for part, _, _ in pieces)})
        level = levels.get(key_of)
        if level is None or level.available < units:
            free = level.available if level else 0
            raise DomainError("not_available", f"{free} units of {sku} are free at {site}, found {units}")
        moves = [Move(MoveKind.CONSUME, part, key_of[1], n, lot=part_lot) for part, part_lot, n in pieces]
        unbuilt = Move(MoveKind.BUILD, sku, key_of[1], -units, lot=lot)
        post(tx, [Posting([unbuilt, *moves], reason=f"{units} of {sku} taken apart")], levels)
        told = [list(piece) for piece in pieces]
        tx.note("kit.unbuilt", {"site": site, "lot": lot, "units": units, "returned": told}, sku=sku)
        return {"sku": sku, "site": site, "lot": lot, "units": units, "returned": told}

    return keyed(db, actor, "unbuild_kit", work, key=key, content=[sku, site, units, lot])


def _pieces(levels: Levels, site_id: int, needs: Mapping[str, int], today: date) -> list[Piece]:
    pieces: list[Piece] = []
    short: list[str] = []
    for part, n in sorted(needs.items()):
        mine = [level for key, level in sorted(levels.items()) if key[:2] == (part, site_id)]
        lots = [LotRow(level.lot, level.expires_on, level.available) for level in mine]
        picked = fefo(lots, n, today)
        if picked is None:
            short.append(f"{part}: {n} wanted, {good_units(lots, today)} free")
        pieces += [(part, lot, taken) for lot, taken in picked or ()]
    if short:
        raise DomainError("short_components", "; ".join(short))
    return pieces


def _expiry(product: Any, levels: Levels, site_id: int, pieces: Sequence[Piece], lot: str) -> str:
    ends = min((e for part, of, _ in pieces if (e := levels[part, site_id, of].expires_on)), default="")
    if product.lot_tracked and not lot:
        raise DomainError(Reason.NEED_LOT, f"{product.sku} is kept by lot: name the lot of the kits that are built")
    if lot and not product.lot_tracked:
        raise DomainError("invalid", f"{product.sku} is not kept by lot, found lot {lot}; leave it out")
    if ends and not product.lot_tracked:
        raise DomainError(Reason.NEED_LOT, f"its components expire ({ends}): keep {product.sku} by lot before building")
    known = levels.get((product.sku, site_id, lot))
    if known is not None and lot and known.expires_on != ends:
        raise DomainError(
            "expiry_differs",
            f"lot {lot} of {product.sku} expires on {known.expires_on or 'no day'} "
            f"in the book, these would on {ends or 'no day'}: give them another lot",
        )
    return ends


def _record(tx: Transaction, build: Answer, site_id: int, version: int) -> None:
    columns = {name: build[name] for name in ("sku", "lot", "consumed")}
    units = build["units"]
    number = rows.add_build(tx, **columns, version=version, site_id=site_id, quantity=units, left=units)
    tx.note("kit.built", build | {"build": number, "version": version}, sku=build["sku"])


def _opened(tx: Transaction, kits: KitBook, sku: str, builds: Sequence[Any], units: int) -> list[Piece]:
    """What comes out: of what was built here first, then by the definition."""
    out: dict[tuple[str, str], int] = {}
    left = units
    for build in builds:
        taken = min(left, build.left)
        if taken:
            rest, pieces = _from_build(tx, build, taken)
            rows.change_build(tx, build.id, left=build.left - taken, consumed=rest)
            for part, lot, n in pieces:
                out[part, lot] = out.get((part, lot), 0) + n
            left -= taken
    for part, n in kits.contents(sku, left).items() if left else ():
        if goods.product_of(tx.connection, part).lot_tracked:
            raise DomainError(
                Reason.NEED_LOT,
                f"{left} of these {sku} were not built here: write them off and receive "
                f"their components, {part} by its lot",
            )
        out[part, ""] = out.get((part, ""), 0) + n
    return [(part, lot, n) for (part, lot), n in sorted(out.items())]


def _from_build(tx: Transaction, build: Any, taken: int) -> tuple[list[list[Any]], list[Piece]]:
    """What is still in the rest of a build, and what comes out of ``taken`` of its kits."""
    inside = {part: [(lot, n) for of, lot, n in build.consumed if of == part] for part, _, _ in build.consumed}
    rest: list[list[Any]] = []
    pieces: list[Piece] = []
    for part, lots in sorted(inside.items()):
        wanted = sum(n for _, n in lots) * taken // build.left
        dated = sorted((goods.expiry_of(tx.connection, part, lot) or "9999", lot, n) for lot, n in lots)
        for _, lot, n in dated:
            here = min(wanted, n)
            wanted -= here
            pieces += [(part, lot, here)] if here else []
            rest += [[part, lot, n - here]] if n > here else []
    return rest, pieces
