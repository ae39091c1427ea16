"""Goods without a barcode get one of the shop's own: the SKU, as a label to print and stick on."""

from typing import NamedTuple

from server.db import catalogue as rows
from server.db.transaction import Actor, Database
from server.domain.errors import DomainError
from server.usecases.masterdata.catalogue import CodeEntry, add_code


class ItemCode(NamedTuple):
    """What a label of one unit says; ``made`` is True where the product had no barcode of a single unit."""

    code: str
    name: str
    variant: str
    made: bool


def label_code(db: Database, actor: Actor, sku: str) -> ItemCode:
    """The barcode to print for one unit; a product without one is given its SKU.

    Raise DomainError("unknown_sku"), and what ``add_code`` raises where the SKU cannot be a barcode.
    """
    with db.read() as connection:
        product, codes = rows.product(connection, sku), rows.codes_of(connection, sku)
    if product is None:
        raise DomainError("unknown_sku", f"there is no product {sku[:40]!r}")
    single = next((code for code, units in codes.items() if units == 1), None)
    made = single is None and add_code(db, actor, sku, CodeEntry(sku))
    return ItemCode(single or sku.strip().upper(), product.name, product.variant or "", made)
