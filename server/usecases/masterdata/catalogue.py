"""Products and what their barcodes mean. A product code can never be taken for a command (FLR-12)."""

import weakref
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, insert, update

from server.db import aliases, tables
from server.db import catalogue as rows
from server.db.dialect import insert_into
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError
from server.domain.masterdata.aliases import alias_key, new_sku_clash
from server.domain.masterdata.catalog import BoxType, Catalog, Product
from server.domain.packing.box_scan import RESERVED
from server.reading import PREFIXES, is_gtin, is_site_code, product_key
from server.usecases.masterdata.lookalikes import tell_apart_again

_CODE_MAX = 96
_held: "weakref.WeakKeyDictionary[Engine, Catalog]" = weakref.WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """A barcode as a person enters it; that of a case of six has ``units=6``. ``gtin`` asks for a right check digit."""

    code: str
    units: int = 1
    gtin: bool = False


def put_product(
    db: Database,
    actor: Actor,
    product: Product,
    codes: Sequence[CodeEntry] = (),
    *,
    shared: bool = False,
    replace: bool = False,
) -> bool:
    """Add or update a product; True when anything changed.

    Codes are added to those it has, or ``replace`` them. ``shared`` allows a code that another product has too.
    Raise DomainError("invalid" | "reserved_code" | "bad_check_digit" | "code_taken"), "ambiguous_alias" for a new SKU
    under which channels sell another product, "indistinct" when its look-alike group cannot be told apart any more.
    """
    _check_product(product)
    wanted = {_key(entry): entry.units for entry in codes}
    with transaction(db, actor, "put_product") as tx:
        rows.lock_version(tx)
        if not shared:
            _check_taken(tx.connection, wanted, product.sku)
        described = _write_product(tx, product)
        coded = _write_codes(tx, product.sku, wanted, replace)
        if changed := described or coded:
            rows.raise_version(tx)
            tx.note("product.changed", {"name": product.name, "codes": sorted(wanted)}, sku=product.sku)
        return changed


def add_code(db: Database, actor: Actor, sku: str, entry: CodeEntry) -> bool:
    """One more barcode of a product that is there; True when it was new. It may not mean another product too.

    Raise DomainError("unknown_sku" | "invalid" | "reserved_code" | "bad_check_digit" | "code_taken").
    """
    wanted = {_key(entry): entry.units}
    with transaction(db, actor, "add_code") as tx:
        rows.lock_version(tx)
        if rows.product(tx.connection, sku) is None:
            what = f"there is no product {sku[:40]!r}"
            raise DomainError("unknown_sku", what, says="no_product_here", sku=sku[:40])
        _check_taken(tx.connection, wanted, sku)
        has = rows.codes_of(tx.connection, sku)
        if has.keys() >= wanted.keys():
            return False
        _write_codes(tx, sku, wanted, replace=False)
        rows.raise_version(tx)
        tx.note("product.code_added", {"codes": sorted(wanted)}, sku=sku)
        return True


def put_box(db: Database, actor: Actor, box: BoxType) -> None:
    """Add or update a box type; sizes in millimetres, tare in grams."""
    check_code(box.code)
    length, width, height = box.inner_mm or (None, None, None)
    values = {"name": box.name, "length_mm": length, "width_mm": width, "height_mm": height}
    values["tare_grams"] = box.tare_grams
    with transaction(db, actor, "put_box") as tx:
        made = insert_into(tx.connection, tables.box_type).values(code=box.code, **values)
        tx.connection.execute(made.on_conflict_do_update(index_elements=["code"], set_=values))
        rows.raise_version(tx)
        tx.note("box.changed", {"code": box.code, "name": box.name})


def check_code(code: str) -> None:
    """Whether a box type may have this code; raise DomainError("invalid")."""
    if not 0 < len(code) <= 32 or not code.isprintable() or code != code.strip().upper():
        raise DomainError("invalid", f"box: expected up to 32 printable capitals, found {code[:40]!r}")
    if code in RESERVED:
        raise DomainError("invalid", f"box: {', '.join(RESERVED)} mean something else, found {code}")


def version(connection: Connection) -> int:
    """Rises with every change of products, codes, boxes and people; benches fetch their copies again."""
    return rows.read_version(connection)


def raise_version(tx: Transaction) -> int:
    """Say that the benches' copies are old."""
    return rows.raise_version(tx)


def read_catalog(connection: Connection) -> Catalog:
    """Everything a code can mean, held in memory until the version rises."""
    # The version is read first: what is newer than it is read again next time.
    now = rows.read_version(connection)
    held = _held.get(connection.engine)
    if held is None or held.version != now:
        products, codes, boxes = rows.everything(connection)
        held = _held[connection.engine] = Catalog.of(products, codes, boxes, version=now)
    return held


def _check_product(product: Product) -> None:
    for name, text, least, most in (
        ("sku", product.sku, 1, 64),
        ("name", product.name, 1, 255),
        ("variant", product.variant, 0, 120),
    ):
        if not least <= len(text) <= most or not (text.isprintable() or not text) or text != text.strip():
            raise DomainError(
                "invalid", f"{name}: expected {least} to {most} printable characters, found {text[:40]!r}"
            )
    if product.weight_grams is not None and not 0 < product.weight_grams <= 10**7:
        raise DomainError("invalid", f"weight: expected 1 to 10000000 grams, found {product.weight_grams}")


def _key(entry: CodeEntry) -> str:
    """The normal form of an entered code."""
    code = entry.code.strip()
    if not 0 < len(code) <= _CODE_MAX or not code.isprintable():
        what = f"barcode: expected 1 to {_CODE_MAX} printable characters, found {code[:40]!r}"
        raise DomainError("invalid", what, says="teach_no_code")
    if is_site_code(code):
        what = f"barcode {code}: {', '.join(PREFIXES)} begin commands and site codes"
        raise DomainError("reserved_code", what, says="teach_reserved")
    if entry.gtin and not is_gtin(code):
        what = f"barcode {code}: expected a GTIN with the right check digit"
        raise DomainError("bad_check_digit", what, says="teach_misread")
    if not 0 < entry.units <= 10_000:
        raise DomainError("invalid", f"barcode {code}: expected 1 to 10000 units, found {entry.units}")
    return product_key(code)


def _check_taken(connection: Connection, wanted: dict[str, int], sku: str) -> None:
    for row in rows.others_with(connection, wanted, sku):
        detail = f"barcode {row.code} already means {row.units} of {row.sku}; say that they share it if they do"
        raise DomainError("code_taken", detail, sku=row.sku, says="teach_taken")


def _write_product(tx: Transaction, product: Product) -> bool:
    t = tables.product
    values = {"name": product.name, "variant": product.variant, "weight_grams": product.weight_grams}
    have = rows.product(tx.connection, product.sku)
    if have is None:
        _check_alias(tx.connection, product.sku)
        tx.connection.execute(insert(t).values(sku=product.sku, **values))
        return True
    if (have.name, have.variant, have.weight_grams) == tuple(values.values()):
        return False
    tx.connection.execute(update(t).where(t.c.sku == product.sku).values(**values))
    tell_apart_again(tx, product.sku)
    return True


def _check_alias(connection: Connection, sku: str) -> None:
    """A new SKU under which channels sell another product already would make their orders ambiguous (SKU-01)."""
    clash = new_sku_clash(sku, aliases.same_key(connection, [alias_key(sku)]))
    if clash:
        raise DomainError("ambiguous_alias", clash.sentence, sku=clash.sku)


def _write_codes(tx: Transaction, sku: str, wanted: dict[str, int], replace: bool) -> bool:
    t = tables.product_code
    have = rows.codes_of(tx.connection, sku)
    target = wanted if replace else have | wanted
    if target == have:
        return False
    tx.connection.execute(delete(t).where(t.c.sku == sku))
    if target:
        tx.connection.execute(insert(t), [{"sku": sku, "code": c, "units": u} for c, u in target.items()])
    return True
