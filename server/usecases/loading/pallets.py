"""Pallets: parcels that travel under one SSCC, said at a terminal or built at a dock by scans."""

from collections.abc import Collection, Iterable

from server import wire
from server.db import load_marks, parcels, sites
from server.db import people as rows
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.dock.barcodes import sscc_of
from server.domain.dock.values import ParcelState
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.masterdata.gtins import check_digit
from server.usecases.record.incidents import open_incident
from server.usecases.staff.people import LOADS, at_bench, named

PREFIX_DIGITS = range(4, 13)
"""Digits of a GS1 company prefix."""


def put_on_pallet(db: Database, actor: Actor, sscc: str, codes: Iterable[str]) -> int:
    """These parcels travel under this SSCC; return how many. Raise DomainError("invalid" | "not_found")."""
    number = _checked(sscc)
    with transaction(db, actor, "pallet") as tx:
        return _put(tx, number, {_found(tx, code) for code in codes})


def build_pallet(db: Database, actor: Actor, bench_id: int, request: wire.PalletRequest) -> wire.PalletAnswer:
    """A dock scanned these parcels on to a pallet; told again it changes nothing.

    Raise DomainError("not_signed_in" | "invalid" | "not_found" | "not_ready"), the last two naming the parcel, or the
    site at which a pallet of this number still is. One that was built with no network is refused as "invalid" alone.
    """
    number, built_at = _checked(request.sscc), request.built_at
    alone, person = built_at is not None, request.person_id
    who = named(db, actor, person) if alone else at_bench(db, actor, person, LOADS)

    def once() -> wire.PalletAnswer:
        with transaction(db, who, "build_pallet") as tx:
            site_id, locked = rows.bench(tx.connection, bench_id).site_id, parcels.lock(tx, request.parcels)
            if built_at is not None:
                here = [code for code, parcel in locked.items() if parcel.site_id == site_id]
                return wire.PalletAnswer(parcels=_late(tx, number, site_id, here, min(built_at, tx.now)))
            for code in request.parcels:
                parcel = locked.get(code)
                if parcel is None or parcel.site_id != site_id:
                    what = f"there is no parcel {code[:40]!r} at this site"
                    raise DomainError("not_found", what, says="pallet_unknown", parcel=code[:40])
                if parcel.state != ParcelState.READY:
                    what = f"expected parcels that are ready, found {parcel.tracking}: {parcel.state}"
                    raise DomainError(
                        "not_ready", what, says="pallet_not_ready", parcel=parcel.id, tracking=parcel.tracking
                    )
            _not_elsewhere(tx, number, site_id)
            return wire.PalletAnswer(parcels=_put(tx, number, locked))

    return again(once)


def set_prefix(db: Database, actor: Actor, site_code: str, prefix: str) -> None:
    """The GS1 company prefix with which a site numbers its pallets; empty for none.

    Raise DomainError("invalid" | "not_found").
    """
    if prefix and not (prefix.isascii() and prefix.isdecimal() and len(prefix) in PREFIX_DIGITS):
        raise DomainError("invalid", f"GS1 company prefix: expected 4 to 12 digits, found {prefix[:40]!r}")
    with transaction(db, actor, "set_sscc_prefix") as tx:
        site = sites.by_code(tx.connection, site_code)
        # The count goes on whatever the prefix: one that is taken away and comes back gives no number twice.
        load_marks.set_sscc(tx, site.id, sscc_prefix=prefix)
        tx.note("site.sscc_prefix", {"prefix": prefix, "site": site.code})


def new_pallet(db: Database, actor: Actor, bench_id: int, request: wire.NewPalletRequest) -> wire.PalletCode:
    """A number that no pallet has; raise DomainError("not_signed_in" | "not_ready") where this site has no prefix."""
    who = at_bench(db, actor, request.person_id, LOADS)

    def once() -> wire.PalletCode:
        with transaction(db, who, "new_pallet") as tx:
            bench = rows.bench(tx.connection, bench_id)
            rules = load_marks.sscc_rules(tx)
            rule, highest = rules.get(bench.site_id), max((each.sscc_next for each in rules.values()), default=0)
            if rule is None or not rule.sscc_prefix:
                what = (
                    f"{bench.site_name} has no GS1 prefix for pallets of its own: packproof load sscc, or scan a label"
                )
                raise DomainError("not_ready", what, says="pallet_prefix", site=bench.site_name)
            # One count for all sites: a company has one prefix, and it may move from one site to another.
            load_marks.set_sscc(tx, bench.site_id, sscc_next=highest + 1)
            number = sscc(rule.sscc_prefix, highest)
            tx.note("pallet.numbered", {"sscc": number}, bench=bench_id)
            return wire.PalletCode(sscc=number)

    return again(once)


def sscc(prefix: str, number: int) -> str:
    """The SSCC of this number: extension digit and serial reference around the prefix, and the check digit (GS1)."""
    room = 17 - len(prefix)
    serial = f"{number % 10**room:0{room}d}"
    digits = f"{serial[0]}{prefix}{serial[1:]}"
    return f"{digits}{check_digit(digits)}"


def _late(tx: Transaction, number: str, site_id: int, ids: Collection[str], built_at: float) -> int:
    """A dock built it some time ago: what somebody said since then stands."""
    where = load_marks.pallet_elsewhere(tx.connection, number, site_id)
    if where:
        cause = (
            f"a dock with no network built pallet {number}, which is the number of one at {where}: "
            f"scan each of its {len(ids)} parcels by itself, or put another label on it"
        )
        open_incident(tx, IncidentType.VERDICTS_DIFFER, cause, once_key=f"pallet:{number}")
        return 0
    newer = load_marks.palletised_since(tx.connection, number, ids, built_at)
    return 0 if number in newer else _put(tx, number, {code for code in ids if code not in newer}, built_at)


def _not_elsewhere(tx: Transaction, number: str, site_id: int) -> None:
    """A number that another site's pallet carries would take that pallet apart."""
    where = load_marks.pallet_elsewhere(tx.connection, number, site_id)
    if where:
        what = f"expected a number of no other pallet, {number} is one at {where}"
        raise DomainError("not_ready", what, says="pallet_elsewhere", sscc=number, site=where)


def _put(tx: Transaction, number: str, ids: Collection[str], at: float | None = None) -> int:
    load_marks.on_pallet(tx, number, ids, tx.now if at is None else at)
    tx.note("pallet.set", {"sscc": number, "parcels": len(ids)})
    return len(ids)


def _checked(sscc: str) -> str:
    number = sscc_of(sscc)
    if not number:
        raise DomainError(
            "invalid", f"SSCC: expected 18 digits, found {sscc[:40]!r}", says="pallet_sscc", sscc=sscc[:40]
        )
    return number


def _found(tx: Transaction, code: str) -> str:
    row = parcels.known_to(tx.connection, code)
    if row is None:
        raise DomainError("not_found", f"there is no parcel {code[:40]!r}")
    return str(row.id)
