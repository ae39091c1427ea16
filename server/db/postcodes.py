"""Rows of imported postcode files."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, func, select

from server.db import tables
from server.db.bulk import insert_rows
from server.db.transaction import Transaction
from server.domain.routes.geography import Place, PostcodeRow

_p = tables.postcode
_CHUNK = 5_000


def find(connection: Connection, country: str, keys: Sequence[str]) -> Place | None:
    """The place of the first of these keys that is known."""
    query = select(_p).where(_p.c.country == country, _p.c.code.in_(keys))
    found = {row.code: (row.latitude, row.longitude) for row in connection.execute(query)}
    return next((found[key] for key in keys if key in found), None)


def replace(tx: Transaction, rows: Iterable[PostcodeRow]) -> dict[str, int]:
    """These postcodes instead of those of the same countries; a postcode with several places is where the first is."""
    first: dict[tuple[str, str], PostcodeRow] = {}
    for row in rows:
        first.setdefault((row.country, row.key), row)
    countries = sorted({country for country, _ in first})
    tx.connection.execute(delete(_p).where(_p.c.country.in_(countries)))
    listed = [
        {"country": r.country, "code": r.key, "place": r.name[:120], "latitude": r.place[0], "longitude": r.place[1]}
        for r in first.values()
    ]
    for start in range(0, len(listed), _CHUNK):
        insert_rows(tx.connection, _p, listed[start : start + _CHUNK])
    return {country: sum(c == country for c, _ in first) for country in countries}


def counts(connection: Connection) -> dict[str, int]:
    """How many postcodes are known, by country."""
    query = select(_p.c.country, func.count()).group_by(_p.c.country).order_by(_p.c.country)
    return {country: int(n) for country, n in connection.execute(query)}
