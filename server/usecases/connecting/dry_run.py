"""Every number that a channel would be told now, beside the one it shows. Reads only; nothing is sent."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection

from server.db import listings
from server.usecases.booking.reference import reference
from server.usecases.connecting.keeping import platform_channel
from server.usecases.sharing import offering

_SOME = 500


class Number(NamedTuple):
    """One listing: its number there now (None: it keeps none), and the one it would be told."""

    ref: str
    channel_sku: str
    title: str
    sku: str
    live: int | None
    told: int

    @property
    def changes(self) -> bool:
        """Whether buyers would see another number."""
        return self.live != self.told


def dry_run(connection: Connection, now: float, code: str) -> Iterator[Number]:
    """All mapped listings on sale, by what the channel calls them."""
    channel, _ = platform_channel(connection, code)
    rows = [row for row in listings.all_of(connection, channel.id) if row.sku and not row.gone]
    ref = reference(connection, now)
    for start in range(0, len(rows), _SOME):
        some = rows[start : start + _SOME]
        skus = sorted({row.sku for row in some})
        stand = offering.read_stand(connection, ref, skus, now)
        offers = stand.offers(ref.allocation, [sku for sku in skus if sku in stand.pools], [code])
        for row in some:
            if row.sku in offers:
                units = offers[row.sku][code].units
                yield Number(row.ref, row.channel_sku, row.title, row.sku, row.live, units)
