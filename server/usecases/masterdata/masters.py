"""The product master: one place for everything a product is, and finding it by anything that means it (SKU-02)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row

from server.db import aliases, catalogue, stale
from server.db import masters as rows
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError
from server.domain.masterdata.aliases import Alias, alias_key
from server.reading import product_key
from server.usecases.booking import reference
from server.usecases.masterdata import lookalikes, pictures
from server.usecases.masterdata.handling import Handling, check_ways, values_of

_TEXT_MAX = {"category": 64, "brand": 64}
_IMAGES_MAX = 500
LIFE_MAX = 3650


@dataclass(frozen=True, slots=True)
class Described:
    """What changes of a product; None leaves a value as it is. ``attributes`` with "" are removed, others added."""

    category: str | None = None
    brand: str | None = None
    images: tuple[str, ...] | None = None
    lead_days: float | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    margin_percent: float | None = None
    """Of the price, before what a channel keeps of it."""
    life_days: int | None = None
    """Days for which a lot must still be good when it is packed; -1 forgets it: until the order is delivered."""
    typed_quantity: bool | None = None
    """A packer may type how many after one scan."""
    handling: Handling = field(default_factory=Handling)
    picture: bytes | None = None
    """A PNG of ``pictures.small_picture``; empty for none any more."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """One product that a text means: by its ``sku``, by a ``barcode`` (with its units) or by an ``alias``."""

    sku: str
    by: str
    units: int = 1
    channel: str = ""


def describe(db: Database, actor: Actor, sku: str, change: Described) -> bool:
    """Write the values that are given; True when anything changed.

    Raise DomainError("unknown_sku" | "invalid" | "unknown_carrier").

    A product of a look-alike group must stay told apart from the others.
    """
    with transaction(db, actor, "describe_product") as tx:
        catalogue.lock_version(tx)
        before = catalogue.product(tx.connection, sku)
        if before is None:
            raise DomainError("unknown_sku", f"there is no product {sku[:40]!r}; add it first")
        check_ways(tx.connection, change.handling)
        values = {name: value for name, value in _values(before, change).items() if getattr(before, name) != value}
        if not values:
            return False
        rows.change(tx, sku, values)
        if "picture" in values:
            pictures.replace(tx, before.picture, change.picture or b"")
        lookalikes.tell_apart_again(tx, sku)
        catalogue.raise_version(tx)
        reference.raise_version(tx)
        cause = tx.note("product.described", {name: _noted(value) for name, value in values.items()}, sku=sku)
        if values.keys() & {"category", "made_to_order", "lead_days", "margin_percent", "life_days"}:
            stale.mark(tx, [sku], cause)
        return True


def master(connection: Connection, sku: str) -> dict[str, Any]:
    """Everything about one product, JSON-ready; raise DomainError("not_found")."""
    row = catalogue.product(connection, sku)
    if row is None:
        raise DomainError("not_found", f"there is no product {sku[:40]!r}")
    told = {name: value for name, value in row._mapping.items() if name != "image_url"}
    codes = [{"code": code, "units": units} for code, units in catalogue.codes_of(connection, sku).items()]
    return told | {
        "images": row.image_url.split(),
        "codes": codes,
        "aliases": [asdict(alias) for alias in aliases.of_sku(connection, sku)],
        "components": [{"sku": part, "quantity": n} for part, n in rows.components_of(connection, sku)],
    }


def find(connection: Connection, text: str) -> list[Meaning]:
    """Every product that a SKU, a barcode or a channel's word means; by an index each, however large the catalogue."""
    if "\x00" in text:
        return []
    sku = text.strip()
    found = [Meaning(sku, "sku")] if catalogue.product(connection, sku) else []
    found += [Meaning(row.sku, "barcode", row.units) for row in rows.with_code(connection, product_key(text))]
    found += [_by_alias(alias) for alias in aliases.same_key(connection, [alias_key(text)])]
    return found


def _by_alias(alias: Alias) -> Meaning:
    return Meaning(alias.sku, "alias", channel=alias.channel)


def _values(before: Row[Any], change: Described) -> dict[str, Any]:
    values = values_of(change.handling)
    for name, size in _TEXT_MAX.items():
        text = getattr(change, name)
        if text is not None:
            values[name] = _text(name, text, size)
    if change.images is not None:
        values["image_url"] = _images(change.images)
    if change.lead_days is not None:
        if not 0 <= change.lead_days <= 730:
            raise DomainError("invalid", f"lead days: expected 0 to 730, found {change.lead_days:g}")
        values["lead_days"] = change.lead_days
    if change.margin_percent is not None:
        if not -100 <= change.margin_percent <= 100:
            raise DomainError("invalid", f"margin: expected -100 to 100 per cent, found {change.margin_percent:g}")
        values["margin_percent"] = change.margin_percent
    if change.life_days is not None:
        values["life_days"] = life_days(change.life_days)
    if change.typed_quantity is not None:
        values["typed_quantity"] = change.typed_quantity
    if change.picture is not None:
        values["picture"] = pictures.digest_of(change.picture) if change.picture else ""
    if change.attributes:
        merged = dict(before.attributes) | {_text("attribute", k, 64): v for k, v in change.attributes.items()}
        values["attributes"] = {k: _text(k, v, 120) for k, v in sorted(merged.items()) if v}
    return values


def life_days(days: int) -> int | None:
    """Days that can be stored; None for -1, which forgets them. Raise DomainError("invalid")."""
    if not -1 <= days <= LIFE_MAX:
        raise DomainError("invalid", f"life days: expected 0 to {LIFE_MAX}, or -1 to forget them, found {days}")
    return None if days < 0 else days


def _images(images: tuple[str, ...]) -> str:
    for image in images:
        if urlsplit(image).scheme != "https" or not image.isprintable() or " " in image:
            raise DomainError("invalid", f"image: expected an https:// address, found {image[:60]!r}")
    joined = " ".join(images)
    if len(joined) > _IMAGES_MAX:
        raise DomainError("invalid", f"images: expected {_IMAGES_MAX} characters together, found {len(joined)}")
    return joined


def _text(name: str, text: str, size: int) -> str:
    if len(text) > size or not (text.isprintable() or not text):
        raise DomainError("invalid", f"{name}: expected up to {size} printable characters, found {text[:40]!r}")
    return text.strip()


def _noted(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value
