"""A barcode nobody knows is taught at a bench, by somebody with the right (FLR-12: never a code of the site)."""

from scanners.barcode import parse
from server import wire
from server.db.transaction import Actor, Database
from server.domain.errors import DomainError
from server.domain.people import Role
from server.usecases.masterdata.catalogue import CodeEntry, add_code
from server.usecases.staff.people import at_bench

ATTACHES = frozenset({Role.ATTACH_CODES, Role.SUPERVISOR, Role.ADMIN})


def attach(db: Database, actor: Actor, request: wire.AttachRequest) -> wire.AttachAnswer:
    """From now on this code means one unit of the product, at every bench.

    Of a GS1 code its GTIN is kept, since lot and serial number differ from unit to unit. Raise
    DomainError("not_signed_in") without the right, "code_taken" naming the product that has it, "reserved_code",
    "bad_check_digit" | "invalid" for a misread, "unknown_sku".
    """
    who = at_bench(db, actor, request.person_id, ATTACHES)
    read = parse(request.code)
    if read.bad_read or read.sscc:
        why = read.bad_read or "it is a parcel's or a pallet's number"
        what = f"expected the barcode of a product, found {request.code[:40]!r}: {why}"
        raise DomainError("invalid", what, says="teach_parcel" if read.sscc else "teach_misread")
    added = add_code(db, who, request.sku, CodeEntry(read.gtin or read.payload))
    return wire.AttachAnswer(sku=request.sku, added=added)
