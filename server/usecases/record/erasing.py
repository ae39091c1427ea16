"""A buyer's personal data are erased by reference: of an order, of a buyer at a channel, of all that is long over.

An order is erased with all its parts, since they have one buyer, in one transaction; a try is the same work, taken
back. What stays and where copies lie outside this database: deploy/docs/personal-data.md.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from server.db import buyers, erasing, orders, tables
from server.db.again import again
from server.db.order_rows import Place
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError
from server.usecases.record.incidents import close_by_key
from server.usecases.tracking.inbox import word_key

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Erasing:
    """Numbers of the orders that had anything left, how many rows of each table, and the refusals of the others.

    ``swept``: the database's own log holds none of it any more.
    """

    orders: tuple[str, ...]
    rows: Counter[str]
    refused: tuple[DomainError, ...]
    swept: bool = True


class _TakenBack(Exception):
    """A try ends here, so that nothing of it is kept."""

    def __init__(self, found: tuple[list[str], Counter[str]]) -> None:
        self.found = found


def places_of(db: Database, refs: Iterable[str]) -> list[Place]:
    """The orders with these numbers or channel ids; raise DomainError("not_found" | "ambiguous")."""
    found: dict[Place, None] = {}
    with db.read() as connection:
        for ref in refs:
            row = orders.by_ref(connection, ref)
            if row is None:
                raise DomainError("not_found", f"there is no order {ref!r}")
            found[(row.channel_id, row.channel_order_id)] = None
    return list(found)


def places_of_buyer(db: Database, channel: str, mail: str = "", name: str = "") -> list[Place]:
    """Orders of one buyer at a channel, by mail address, name or both; none where nobody is kept by these.

    Raise DomainError("invalid" | "not_found").
    """
    if not mail.strip() and not name.strip():
        raise DomainError("invalid", "expected the buyer's mail address or name, found neither")
    c = tables.channel
    with db.read() as connection:
        channel_id = connection.execute(select(c.c.id).where(c.c.code == channel)).scalar()
        if channel_id is None:
            raise DomainError("not_found", f"there is no channel {channel!r}")
        return buyers.of_buyer(connection, channel_id, mail, name)


def places_over(db: Database, days: int) -> list[Place]:
    """Orders that shipped or were cancelled longer ago than this, and whose buyer is still kept."""
    if days < 1:
        raise DomainError("invalid", f"expected at least 1 day, found {days}")
    with db.read() as connection:
        return buyers.ended_before(connection, db.now() - days * DAY)


def erase(db: Database, actor: Actor, places: Sequence[Place], *, dry_run: bool = False) -> Erasing:
    """Erase each of these orders, or only count; what cannot be erased yet is among the refusals. A second time does
    nothing.

    Refusals: "not_over" for an order on its way, "purchase_open" where a label may be bought for all we know.
    """
    numbers: list[str] = []
    rows: Counter[str] = Counter()
    refused: list[DomainError] = []
    for place in places:
        try:
            found = again(lambda place=place: _tried(db, actor, place, dry_run))  # type: ignore[misc]
        except DomainError as error:
            refused.append(error)
        else:
            numbers += found[0]
            rows += found[1]
    swept = dry_run or not numbers or buyers.swept(db.engine)
    return Erasing(tuple(numbers), rows, tuple(refused), swept)


def _tried(db: Database, actor: Actor, place: Place, dry_run: bool) -> tuple[list[str], Counter[str]]:
    try:
        with transaction(db, actor, "erase_personal") as tx:
            found = _erased(tx, place)
            if dry_run:
                raise _TakenBack(found)
            return found
    except _TakenBack as tried:
        return tried.found


def _erased(tx: Transaction, place: Place) -> tuple[list[str], Counter[str]]:
    parts = buyers.locked_parts(tx, place)
    _check(tx, parts)
    buyers.overwrite(tx.connection)
    whole = erasing.whole(tx, parts)
    for provider, key in erasing.named_words(tx, whole):
        close_by_key(tx, word_key(provider, key), "its words were erased")
    rows = erasing.erase(tx, whole)
    if not rows:
        return [], rows
    for part in parts:
        tx.note("personal.erased", {"number": part.number}, order=part.id)
    return [str(part.number) for part in parts], rows


def _check(tx: Transaction, parts: Sequence[Row[Any]]) -> None:
    for part in parts:
        if part.status not in buyers.OVER:
            state = part.status.replace("_", " ")
            what = f"order {part.number} is {state}: its address is still needed"
            raise DomainError("not_over", f"{what}; erase when it has shipped, or cancel it first")
    asked = buyers.unanswered(tx.connection, [part.id for part in parts])
    if asked:
        what = f"order {parts[0].number}: a label of parcel {asked[0]} may be bought, and its answer is still open"
        raise DomainError("purchase_open", f"{what}; erase when it is settled (packproof incidents, label list)")
