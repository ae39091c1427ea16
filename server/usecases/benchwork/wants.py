"""What an order asks of a bench beside its units, from notes, products, the channel's packing profile and the boxes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from server.db import orders, sku_weights, tables
from server.domain.packing.order import OrderLine
from server.domain.packing.wants import BoxChoice, Expected, Step, StepKind, Wants
from server.usecases.benchwork import box_fit
from server.usecases.shipping.accounts import accounts

STANDARD = "standard"
"""The packing profile of a channel that wants nothing special."""
TEXT_MAX = 1_000
"""Characters a packer is asked to read and confirm; a smaller terminal shows 850 of them at once."""
SPREAD_UNLEARNED = 0.05
"""What a list says a product weighs is right to 5 %."""
SPREAD_MIN = 0.005
"""No goods are more alike than this, however few boxes were weighed."""


def wants_of(connection: Connection, order: Row[Any], lines: Sequence[OrderLine], *, weigh: bool = False) -> Wants:
    """All of it; ``order`` is a row of ``orders.find``."""
    goods = products(connection, lines)
    types = connection.execute(select(tables.box_type).order_by(tables.box_type.c.code)).all()
    account = accounts(connection).get(order.carrier)
    own_box = tuple(sorted(sku for sku, row in goods.items() if row.own_box))
    choices = tuple(_choice(row, order.carrier) for row in types)
    allowed = [row for row, choice in zip(types, choices, strict=True) if choice.allowed]
    return Wants(
        steps=tuple(_steps(connection, order, lines)),
        prepare=tuple(_prepare(goods)),
        boxes=choices,
        suggested=box_fit.suggested(lines, goods, allowed) if types else None,
        own_box=own_box,
        weigh=weigh,
        expected=tuple(_expected(connection, goods)),
        max_grams=account.max_grams if account else None,
        profile="" if order.packing_profile == STANDARD else plain(order.packing_profile),
    )


def products(connection: Connection, lines: Sequence[OrderLine]) -> dict[str, Row[Any]]:
    """The rows of what is packed, by SKU, in the order of the lines."""
    skus = list(dict.fromkeys(line.sku for line in lines))
    found = {row.sku: row for row in connection.execute(select(tables.product).where(tables.product.c.sku.in_(skus)))}
    return {sku: found[sku] for sku in skus if sku in found}


def hazmat_refused(connection: Connection, order: Row[Any], lines: Sequence[OrderLine]) -> list[str]:
    """Names of dangerous goods which the order's carrier and service may not take (SPC-01)."""
    ways = {order.carrier, f"{order.carrier}/{order.service}"}
    return [row.name for row in dangerous(connection, lines) if ways.isdisjoint(row.hazmat_services)]


def dangerous(connection: Connection, lines: Sequence[OrderLine]) -> Sequence[Row[Any]]:
    """Products among these that are dangerous goods, by SKU; a kit whose own product says so is one with its parts."""
    p, skus = tables.product, {line.sku for line in lines} | {line.kit_sku for line in lines}
    return connection.execute(select(p).where(p.c.sku.in_(sorted(skus)), p.c.hazmat).order_by(p.c.sku)).all()


def plain(text: str) -> str:
    """Somebody else's text as it may be shown: one line, nothing that steers a screen or a printer (SPC-04).

    A longer one ends in an ellipsis: nobody confirms a part for the whole.
    """
    whole = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return whole if len(whole) <= TEXT_MAX else f"{whole[: TEXT_MAX - 1]}…"


def _steps(connection: Connection, order: Row[Any], packed: Sequence[OrderLine]) -> Iterator[Step]:
    to, n = tables.recipient, tables.order_note
    kept = connection.execute(select(to.c.note, to.c.texts).where(to.c.order_id == order.id)).first()
    texts: Mapping[str, Any] = kept.texts if kept else {}
    personal: Mapping[str, str] = texts.get("personal") or {}
    for line in orders.lines(connection, order.id) if personal else ():
        if text := plain(personal.get(str(line.line_no), "")):
            item = f"{line.name or line.title} {line.variant or ''}".strip()
            skus = (line.sku,) if line.sku else ()
            yield Step(f"look:{line.line_no}", StepKind.SECOND_LOOK, text, item=item, skus=skus)
    if hazmat := dangerous(connection, packed):
        names, skus = ", ".join(row.name for row in hazmat), tuple(row.sku for row in hazmat)
        yield Step("hazmat", StepKind.HAZMAT, names, skus=skus)
    if kept and plain(kept.note):
        yield Step("note", StepKind.NOTE, plain(kept.note))
    for row in connection.execute(select(n).where(n.c.order_id == order.id).order_by(n.c.id)):
        yield Step(f"note:{row.id}", StepKind.NOTE, plain(row.text), per_box=row.scope == "box")
    if gift := plain(str(texts.get("gift") or "")):
        yield Step("gift", StepKind.GIFT, gift)
    i = tables.packing_insert
    inserts = select(i).where(i.c.profile == order.packing_profile, i.c.active).order_by(i.c.id)
    for row in connection.execute(inserts):
        yield Step(f"insert:{row.id}", StepKind.INSERT, row.text, code=row.code)


def _prepare(goods: Mapping[str, Row[Any]]) -> Iterator[str]:
    yield from dict.fromkeys(row.material for row in goods.values() if row.material)
    for row in goods.values():
        if row.pack_note:
            yield f"{row.name} {row.variant}".strip() + f": {row.pack_note}"


def _choice(row: Row[Any], carrier: str) -> BoxChoice:
    return BoxChoice(row.code, row.tare_grams, row.max_grams, not row.carriers or carrier in row.carriers)


def _expected(connection: Connection, goods: Mapping[str, Row[Any]]) -> Iterator[Expected]:
    learned = sku_weights.learned(connection, goods)
    for sku, row in goods.items():
        if sku in learned:
            mean, spread = learned[sku]
            yield Expected(sku, mean, max(spread, SPREAD_MIN * mean))
        elif row.weight_grams is not None:
            yield Expected(sku, row.weight_grams, SPREAD_UNLEARNED * row.weight_grams)
