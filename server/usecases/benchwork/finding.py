"""Which order a bench means: by slip, number, channel id, parcel, tote, or the item in the packer's hand."""

from sqlalchemy import Connection

from server import wire
from server.db import orders, pack_log, parcels, singles
from server.db import people as people_rows
from server.db.transaction import Transaction
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.reading import ORDER_PREFIX, TOTE_PREFIX, read
from server.usecases.masterdata.catalogue import read_catalog
from server.usecases.picks.totes import order_in


def locked(tx: Transaction, request: wire.OpenRequest, bench_id: int) -> tuple[int, str]:
    """The order's id and status, locked. Of two benches with one tote or one item the later one gets the next order."""
    order_id = _find(tx, request, bench_id)
    while True:
        status = str(orders.lock(tx, order_id).status)
        meant = _find(tx, request, bench_id) if _shared(request.ref) else order_id
        if meant == order_id:
            return order_id, status
        order_id = meant


def by_reference(connection: Connection, ref: str) -> int:
    """The order with this number, slip, channel id or parcel; raise DomainError("unknown_code")."""
    text = ref.strip()
    if text.upper().startswith(ORDER_PREFIX):
        text = text[len(ORDER_PREFIX) :].strip()
    for spelling in dict.fromkeys((text, _unpadded(text))):
        found = orders.by_ref(connection, spelling) if spelling else None
        if found is not None:
            return int(found.id)
    parcel = parcels.with_label(connection, text) if text else None
    if parcel is None:
        raise DomainError(Reason.UNKNOWN_CODE, "no order or parcel has this number", says="no_order")
    return int(parcel.order_id)


def _shared(ref: str) -> bool:
    """Whether several orders can be meant by it."""
    return not ref.strip() or ref.strip().upper().startswith(TOTE_PREFIX)


def _unpadded(text: str) -> str:
    """Some slips print their number with leading zeros."""
    bare = text.removeprefix("#")
    return bare.lstrip("0") if bare.isdecimal() else text


def _find(tx: Transaction, request: wire.OpenRequest, bench_id: int) -> int:
    connection = tx.connection
    if not _shared(request.ref):
        return by_reference(connection, request.ref)
    known = pack_log.session(connection, request.session_id)
    if known is not None:
        return int(known.order_id)
    if request.ref.strip():
        return order_in(connection, request.ref.strip(), request.item, bench_id)
    return _single(tx, request.item, bench_id)


def _single(tx: Transaction, item: str, bench_id: int) -> int:
    """Raise DomainError: unknown_code for no product, wrong_item when no order of one unit waits for it."""
    matches = read(item, read_catalog(tx.connection), at=0.0).matches if item.strip() else ()
    if not matches:
        raise DomainError(Reason.UNKNOWN_CODE, "no order, parcel or product has this code", says="no_code")
    units = {match.sku for match in matches if match.units == 1}
    site_id = people_rows.bench(tx.connection, bench_id).site_id
    found = singles.waiting_for(tx.connection, units, site_id, bench_id, tx.now) if units else None
    if found is None:
        raise DomainError(
            Reason.WRONG_ITEM,
            f"no order waits for one {matches[0].label} alone",
            says="no_single",
            item=matches[0].label,
        )
    return found
