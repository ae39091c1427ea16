"""Where a buyer is: imported postcode files first, then the table of the United States that comes with the product."""

import weakref
from collections.abc import Iterable, Mapping
from functools import lru_cache

import zipcodes
from sqlalchemy import Connection, Engine

from server.db import postcodes
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError
from server.domain.routes.geography import Place, postcode_key, postcode_keys, read_geonames
from server.usecases.booking.reference import raise_version

_HELD_MAX = 50_000
_held: weakref.WeakKeyDictionary[Engine, tuple[int, dict[tuple[str, str], Place | None]]] = weakref.WeakKeyDictionary()


def place_of(connection: Connection, country: str, postcode: str, version: int) -> Place | None:
    """Latitude and longitude of a postcode, None when nobody knows it. Remembered until ``version`` changes."""
    key = country.strip().upper(), postcode.strip()
    if not key[1] or not (key[0] + key[1]).isprintable():
        return None
    held = _held.get(connection.engine)
    if held is None or held[0] != version or len(held[1]) >= _HELD_MAX:
        held = _held[connection.engine] = (version, {})
    if key not in held[1]:
        held[1][key] = _look_up(connection, *key)
    return held[1][key]


def import_postcodes(db: Database, actor: Actor, lines: Iterable[str]) -> Mapping[str, int]:
    """Read a GeoNames postal code file; what was known of its countries is replaced. Return postcodes by country.

    Raise DomainError("bad_postcode_file") naming the line; then nothing was changed.
    """
    rows = [row for number, line in enumerate(lines, 1) if (row := read_geonames(line, number)) is not None]
    if not rows:
        raise DomainError("bad_postcode_file", "expected lines with 12 cells and tabs between them, found none")
    with transaction(db, actor, "import_postcodes") as tx:
        found = postcodes.replace(tx, rows)
        raise_version(tx)
        tx.note("postcodes.imported", dict(found))
    return found


def warm() -> None:
    """Open the table of the United States now, which takes a third of a second, and not under the first order."""
    _united_states("100")


def _look_up(connection: Connection, country: str, postcode: str) -> Place | None:
    found = postcodes.find(connection, country, postcode_keys(country, postcode))
    if found is None and country == "US":
        key = postcode_key(country, postcode)
        found = _united_states(key[:3]).get(key) if len(key) == 5 and key.isdigit() else None
    return found


@lru_cache(maxsize=1000)
def _united_states(prefix: str) -> dict[str, Place]:
    """The ZIP codes with these three digits; one scan of the table serves a hundred of them."""
    rows = zipcodes.similar_to(prefix)  # type: ignore[no-untyped-call]
    return {row["zip_code"]: (float(row["lat"]), float(row["long"])) for row in rows if row["lat"] and row["long"]}
