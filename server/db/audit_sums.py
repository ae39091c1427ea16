"""Two ways to the same number, compared set by set: every counter of the book against what it is made of.

Each query gives rows of (sku, site_id, lot, counter, found, expected, order_id) and none where both agree.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection

LIMIT = 1000
"""So many differences of each check are read."""

COUNTERS = ("on_hand", "reserved", "held", "in_transit")


class Difference(NamedTuple):
    """A number of the book that is not what it should be."""

    sku: str
    site_id: int
    lot: str
    counter: str
    found: int
    expected: int
    order_id: int | None = None


def ledger(connection: Connection) -> Iterator[Difference]:
    """Counters against the sums of the ledger."""
    found = ", ".join(f"sum({c}) AS {c}" for c in COUNTERS)
    sums = ", ".join(f"sum(l_{c}) AS l_{c}" for c in COUNTERS)
    differs = " OR ".join(f"sum({c}) <> sum(l_{c})" for c in COUNTERS)
    none = ", ".join(f"0 AS l_{c}" for c in COUNTERS)
    query = (
        f"SELECT sku, site_id, lot, {found}, {sums} FROM ("  # noqa: S608 - our own names
        f" SELECT sku, site_id, lot, {', '.join(COUNTERS)}, {none} FROM stock"
        " UNION ALL SELECT sku, site_id, lot, 0, 0, 0, 0, sum(d_on_hand), sum(d_reserved), sum(d_held), sum(d_transit)"
        " FROM ledger GROUP BY sku, site_id, lot"
        f") AS both_ways GROUP BY sku, site_id, lot HAVING {differs}"
    )
    for sku, site_id, lot, *sides in _read(connection, query):
        for counter, booked, summed in zip(COUNTERS, sides[:4], sides[4:], strict=True):
            if booked != summed:
                yield Difference(sku, site_id, lot, counter, int(booked), int(summed))


def reservations(connection: Connection) -> Iterator[Difference]:
    """What is reserved on the shelves against what the live reservations of orders claim."""
    claims = "SELECT sku, site_id, lot, 0, quantity FROM reservation WHERE state = 'reserved'"
    return _against_stock(connection, "reserved", claims)


def holds(connection: Connection) -> Iterator[Difference]:
    """What is held on the shelves against the lines of the checkouts that live."""
    live = "SELECT id FROM hold WHERE state IN ('held', 'confirmed')"
    lines = f"SELECT sku, site_id, lot, 0, quantity FROM hold_line WHERE hold_id IN ({live})"  # noqa: S608 - our own
    return _against_stock(connection, "held", lines)


def transit(connection: Connection) -> Iterator[Difference]:
    """What is on its way to a shelf against what the transfers say has left and has neither come nor been given up."""
    lines = (
        "SELECT sku, to_site, lot, 0, dispatched - received - lost FROM transfer_line"
        " JOIN transfer ON transfer.id = transfer_id"
    )
    return _against_stock(connection, "in_transit", lines)


def orders(connection: Connection) -> Iterator[Difference]:
    """What the ledger reserved for each order against what the order holds: units that went to the wrong order."""
    rows = _read(
        connection,
        "SELECT sku, site_id, lot, sum(found), sum(expected), order_id FROM ("
        " SELECT order_id, sku, site_id, lot, quantity AS found, 0 AS expected FROM reservation"
        " WHERE state = 'reserved'"
        " UNION ALL SELECT order_id, sku, site_id, lot, 0, d_reserved FROM ledger"
        " WHERE order_id IS NOT NULL AND d_reserved <> 0"
        ") AS both_ways GROUP BY order_id, sku, site_id, lot HAVING sum(found) <> sum(expected)",
    )
    for sku, site_id, lot, found, expected, order_id in rows:
        yield Difference(sku, site_id, lot, "reserved", int(found), int(expected), order_id)


def lots(connection: Connection) -> Iterator[Difference]:
    """Units without a lot of products that are kept by lot, and the other way round: there should be none."""
    rows = _read(
        connection,
        "SELECT s.sku, site_id, lot, on_hand, in_transit FROM stock AS s JOIN product AS p ON p.sku = s.sku"
        " WHERE (lot <> '') <> lot_tracked AND (on_hand <> 0 OR in_transit <> 0) ORDER BY 1, 2, 3",
    )
    for sku, site_id, lot, on_hand, in_transit in rows:
        yield Difference(sku, site_id, lot, "on_hand" if on_hand else "in_transit", int(on_hand or in_transit), 0)


class Use(NamedTuple):
    """What a channel is said to have taken of a SKU; ``fits``: its last so many moves come to exactly that."""

    sku: str
    channel: str
    used: int
    category: str
    fits: bool


def channel_use(connection: Connection) -> Iterator[Use]:
    """Every count of a share, against the ledger read backwards in the order of the commits.

    A count begins when its plan does, which is no row of its own: it must be the sum of the channel's newest moves,
    however many.
    """
    rows = _read(
        connection,
        """
        WITH moves AS (
          SELECT l.sku, l.channel_id, l.id,
            l.d_reserved + l.d_held - CASE WHEN l.kind = 'ship' THEN l.d_on_hand ELSE 0 END AS taken,
            (SELECT seq FROM batch AS b WHERE b.first_id <= l.id ORDER BY b.first_id DESC LIMIT 1) AS seq
          FROM ledger AS l JOIN channel_use AS u ON u.sku = l.sku AND u.channel_id = l.channel_id
          WHERE l.kind IN ('hold', 'reserve', 'release', 'claim', 'unhold', 'expire', 'ship')
        ), sums AS (
          SELECT sku, channel_id, sum(taken) OVER (
            PARTITION BY sku, channel_id ORDER BY seq DESC, id DESC ROWS UNBOUNDED PRECEDING) AS since
          FROM moves
        )
        SELECT u.sku, c.code, u.used, p.category, u.used = 0 OR EXISTS (
          SELECT 1 FROM sums AS s WHERE s.sku = u.sku AND s.channel_id = u.channel_id AND s.since = u.used)
        FROM channel_use AS u JOIN channel AS c ON c.id = u.channel_id JOIN product AS p ON p.sku = u.sku ORDER BY 1, 2
        """,
        limit=False,
    )
    return (Use(sku, channel, int(used), category, bool(fits)) for sku, channel, used, category, fits in rows)


def _against_stock(connection: Connection, counter: str, claims: str) -> Iterator[Difference]:
    query = (
        "SELECT sku, site_id, lot, sum(found), sum(expected) FROM ("  # noqa: S608 - our own names
        f" SELECT sku, site_id, lot, {counter} AS found, 0 AS expected FROM stock WHERE {counter} <> 0"
        f" UNION ALL {claims}"
        ") AS both_ways GROUP BY sku, site_id, lot HAVING sum(found) <> sum(expected)"
    )
    for sku, site_id, lot, found, expected in _read(connection, query):
        yield Difference(sku, site_id, lot, counter, int(found), int(expected))


def _read(connection: Connection, query: str, *, limit: bool = True) -> Iterator[Any]:
    # The texts are ours; nothing from outside is in them.
    return iter(connection.exec_driver_sql(f"{query} LIMIT {LIMIT}" if limit else query))
