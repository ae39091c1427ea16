"""Products, stock and orders from CSV: the same file twice changes nothing, a refused row does not stop the rest."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from server.channels import caller_of
from server.db import sites
from server.db.transaction import Actor, Database
from server.domain.errors import DomainError
from server.domain.masterdata.catalog import Product
from server.usecases.masterdata.catalogue import CodeEntry, put_product
from server.usecases.masterdata.masters import describe
from server.usecases.outward.webhooks import sender
from server.usecases.sales.intake import take_order
from server.usecases.starting.csv_rows import CsvRow, read_rows
from server.usecases.starting.product_rows import MAY_HAVE, NOTHING, described
from server.usecases.starting.sites import add_channel
from server.usecases.warehouse.counting import count_on_hand

Kind = Literal["products", "stock", "orders"]
Said = dict[tuple[str, ...], tuple[object, int]]
"""What the file said so far of each subject, and on which line."""

CHANNEL = "csv"
"""The channel of orders whose file names none."""

COLUMNS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "products": (
        frozenset({"sku", "name"}),
        frozenset({"variant", "weight_grams", "barcode", "units", "type", "shared"}) | MAY_HAVE,
    ),
    "stock": (frozenset({"sku", "site", "on_hand"}), frozenset({"bin", "lot"})),
    "orders": (
        frozenset({"order_id", "sku", "quantity", "name", "line1", "city", "country"}),
        frozenset(
            {"channel", "placed_at", "paid", "currency", "ship_by", "carrier", "service", "note", "title", "price"}
        )
        | frozenset({"line_id", "company", "line2", "line3", "region", "postcode", "phone", "email"}),
    ),
}
"""Columns each kind must and may have."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken: the line of the file on which it begins, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Rows of the file: ``taken`` changed something, ``unchanged`` were there already."""

    taken: int
    unchanged: int
    refused: tuple[Refused, ...]
    new_channel: str = ""
    """The channel that this import made, for orders that name none."""


def import_file(
    db: Database,
    actor: Actor,
    kind: Kind,
    path: Path,
    on_row: Callable[[int, int], None] = lambda *_: None,
    *,
    channel: str = CHANNEL,
) -> ImportReport:
    """Import a file; ``on_row(done, total)`` hears of every row. Orders whose row names no channel go to ``channel``.

    Products: one row for each barcode, the rows of a SKU together or apart. Stock: an absolute count for each site.
    Orders: one row for each line, wherever they stand. Comma, semicolon or tab; UTF-8.
    Raise DomainError("invalid") when the file as a whole cannot be read, "not_found" for an unknown ``channel``.
    """
    required, optional = COLUMNS[kind]
    rows = [row.named("channel", channel) for row in read_rows(path, required, optional)]
    new_channel = _need_channel(db, actor, channel) if kind == "orders" else ""
    taken = unchanged = done = 0
    refused: list[Refused] = []
    said: Said = {}
    for group in _groups(kind, rows):
        try:
            if _take(db, actor, kind, group, said):
                taken += len(group)
            else:
                unchanged += len(group)
        except DomainError as error:
            refused.extend(Refused(row.line, error.detail) for row in group)
        for _ in group:
            done += 1
            on_row(done, len(rows))
    return ImportReport(taken, unchanged, tuple(sorted(refused, key=lambda r: r.line)), new_channel)


def _groups(kind: Kind, rows: Iterable[CsvRow]) -> Iterable[list[CsvRow]]:
    """What is taken or refused together: the lines of an order, else each row alone."""
    if kind != "orders":
        return ([row] for row in rows)
    groups: dict[tuple[str, ...], list[CsvRow]] = {}
    for row in rows:
        key = (str(row.line), row.problem) if row.problem else (row.text("channel"), row.text("order_id"))
        groups.setdefault(key, []).append(row)
    return groups.values()


def _take(db: Database, actor: Actor, kind: Kind, group: list[CsvRow], said: Said) -> bool:
    for row in group:
        row.check()
    if kind == "products":
        return _product(db, actor, group[0], said)
    if kind == "stock":
        return _stock(db, actor, group[0], said)
    return _order(db, actor, group)


def _once(said: Said, row: CsvRow, key: tuple[str, ...], value: object) -> None:
    """A file that says two things of one subject would change with every import; the first line counts."""
    before, line = said.setdefault(key, (value, row.line))
    if before != value:
        raise DomainError("invalid", f"{' '.join(key)}: expected what line {line} says, found something else")


def _product(db: Database, actor: Actor, row: CsvRow, said: Said) -> bool:
    weight = row.whole("weight_grams") if row.text("weight_grams") else None
    product = Product(row.text("sku"), row.text("name"), row.text("variant"), weight)
    more = described(db, row)
    _once(said, row, (product.sku,), (product, more))
    gtin = row.text("type").lower() == "gtin"
    code = CodeEntry(row.text("barcode"), row.whole("units", 1), gtin)
    _once(said, row, (product.sku, code.code), code.units)
    codes = [code] if code.code else []
    put = put_product(db, actor, product, codes, shared=row.yes("shared"))
    return (more != NOTHING and describe(db, actor, product.sku, more)) or put


def _stock(db: Database, actor: Actor, row: CsvRow, said: Said) -> bool:
    sku, site, lot, on_hand = row.text("sku"), row.text("site"), row.text("lot"), row.whole("on_hand")
    bin_code = row.text("bin") or None
    _once(said, row, (sku, site, lot), (on_hand, bin_code))
    return count_on_hand(db, actor, sku, site, on_hand, lot=lot, bin_code=bin_code)


def _order(db: Database, actor: Actor, group: list[CsvRow]) -> bool:
    """One path for all orders: the rows become the body which a custom channel would have sent."""
    first = group[0]
    body = {
        "order_id": first.text("order_id"),
        "paid": first.yes("paid", default=True),
        "placed_at": first.text("placed_at") or None,
        "ship_by": first.text("ship_by") or None,
        **{key: first.text(key) for key in ("currency", "carrier", "service")},
        "note": first.exact("note"),
        "ship_to": {
            **{
                k: first.exact(k)
                for k in ("name", "company", "city", "region", "postcode", "country", "phone", "email")
            },
            "lines": [line for line in (first.exact(f"line{n}") for n in (1, 2, 3)) if line],
        },
        "lines": [
            {
                "line_id": row.text("line_id"),
                "sku": row.text("sku"),
                "quantity": row.whole("quantity"),
                "title": row.exact("title"),
                "price": row.text("price"),
            }
            for row in group
        ],
    }
    order = caller_of("custom").read_body(msgspec.json.encode(body))
    return take_order(db, actor, first.text("channel"), order).first


def _need_channel(db: Database, actor: Actor, channel: str) -> str:
    """The channel of files is made at its first use, and then named; any other must be there."""
    with db.read() as connection:
        if channel != CHANNEL:
            sender(connection, channel)
        there = channel != CHANNEL or sites.channel(connection, CHANNEL) is not None
    if there:
        return ""
    add_channel(db, actor, CHANNEL, "Orders from files", {})
    return CHANNEL
