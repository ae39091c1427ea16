"""Everything that a batch of holds has to read, asked for at once: one wait for the database instead of seven.

What to lock depends on rules that are read in the same breath. The rules of the last batch are believed until the
answer comes; when they have changed since, nothing was decided yet and the batch begins anew.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from server.db import hold_rows
from server.db import stock as db_stock
from server.db.hold_rows import Known, Place
from server.db.raw import together
from server.db.transaction import Transaction
from server.usecases.booking.deciding import Rows, with_parts
from server.usecases.booking.hold_batch import PlaceHold, places
from server.usecases.booking.reference import Reference, ask_version, last_read


class OutdatedError(Exception):
    """The rules have changed since they were read last."""


class Ahead(NamedTuple):
    """What was read: the rules, the holds that were asked for before, and the locked stock."""

    ref: Reference
    known: Mapping[Place, Known]
    rows: Rows


def look_ahead(tx: Transaction, wishes: Sequence[PlaceHold]) -> Ahead | None:
    """None when the rules are not known yet or say that more must be read first; raise OutdatedError."""
    ref = last_read(tx.connection.engine)
    if ref is None or ref.aliased or tx.now >= ref.valid_until:
        return None
    skus = with_parts(ref, (sku for wish in wishes for sku in wish.units))
    with together(tx.connection):
        version = ask_version(tx.connection)
        known = hold_rows.ask_by_keys(tx.connection, places(wishes))
        tx.events.ask_ahead()
        levels = db_stock.ask_rows(tx.connection, skus)
        owed = db_stock.ask_owed(tx.connection, skus)
    if version() != ref.version:
        raise OutdatedError
    return Ahead(ref, known(), Rows(levels(), owed()))
