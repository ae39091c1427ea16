"""A whole transfer counted at a dock: everything that was scanned is booked in one breath, or nothing is (LOC-02)."""

from collections.abc import Sequence

from server.db import transfers as rows
from server.db.transaction import Actor, Database, Transaction
from server.domain.booking.lots import Incoming
from server.domain.errors import DomainError
from server.domain.warehouse.transfers import Key, TransferState
from server.usecases.warehouse.goods import Answer, keyed
from server.usecases.warehouse.transfers import close_in, come_in, depart_in, out_in


def send_truck(db: Database, actor: Actor, number: int, lines: Sequence[Incoming], *, key: str) -> Answer:
    """These units went on, and the truck leaves; the answer is that of ``show_transfer``.

    Raise as ``transfers.scan_out`` and ``transfers.depart``.
    """

    def work(tx: Transaction) -> Answer:
        for line in lines:
            out_in(tx, number, Key(line.sku, line.lot), line.units, line.serials)
        return depart_in(tx, number)

    return keyed(db, actor, "dispatch_transfer", work, key=key, content=["whole", number, _told(lines)])


def unload_truck(db: Database, actor: Actor, number: int, lines: Sequence[Incoming], *, key: str) -> Answer:
    """These units came off and the truck is empty: what did not come is lost, what nobody sent is found, on record.

    Raise as ``transfers.scan_in`` and ``transfers.close_transfer``.
    """

    def work(tx: Transaction) -> Answer:
        for line in lines:
            come_in(tx, number, Key(line.sku, line.lot), line.units, line.serials)
        before = rows.lock(tx, number)
        if before.state is TransferState.LOADING:
            what = f"transfer {number} has not left: nothing came of it"
            raise DomainError("illegal_transition", what, says="goods_not_coming", transfer=number)
        return close_in(tx, number)

    return keyed(db, actor, "receive_transfer", work, key=key, content=["whole", number, _told(lines)])


def _told(lines: Sequence[Incoming]) -> list[list[object]]:
    return [[line.sku, line.lot, line.units, list(line.serials)] for line in lines]
