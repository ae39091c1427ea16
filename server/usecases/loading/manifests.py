"""The frozen list of a load, as the driver signs it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from printing.documents import LoadManifest, ManifestLine
from server import wire
from server.db import load_marks
from server.db import people as rows
from server.db.transaction import Transaction
from server.domain.dock.values import DockParcel
from server.usecases.loading.picture import clock
from server.usecases.shipping.accounts import name_of


@dataclass(frozen=True, slots=True)
class What:
    """Parcels that leave and that stay, and the words of whoever closes."""

    on: Sequence[Row[Any]]
    missing: Sequence[DockParcel]
    request: wire.CloseRequest


def made(tx: Transaction, row: Row[Any], bench_id: int, what: What) -> LoadManifest:
    """The manifest of a load that closes now."""
    on, missing, request = what.on, what.missing, what.request
    site = rows.bench(tx.connection, bench_id)
    zone = site.site_time_zone
    people = {p.id: p.name for p in rows.some(tx.connection, {p.loaded_by for p in on} | {request.supervisor})}
    known = request.cancels_known_at if request.closed_at is not None else None
    cancelled = load_marks.cancels(tx.connection, row.id)
    return LoadManifest(
        load_id=row.id,
        carrier=name_of(tx.connection, row.carrier),
        site=site.site_name,
        opened_at=clock(row.opened_at or tx.now, zone),
        closed_at=clock(request.closed_at or tx.now, zone),
        closed_by=tx.actor.name,
        lines=tuple(_line(p, zone, people) for p in on),
        left_behind=tuple(p.tracking for p in missing),
        trailer=row.trailer,
        driver=row.driver,
        left_because=request.left_reason.value.replace("_", " ") if request.left_reason and missing else "",
        assumed_by=people.get(request.supervisor, "") if request.assume else "",
        cancelled=tuple(each.tracking for each in cancelled if each.answer == "unreachable"),
        cancels_known_at=clock(known, zone) if known is not None else "",
    )


def scanned(manifest: Any) -> int:
    """How many parcels of a stored manifest were scanned on to the vehicle; a load that was dropped has none."""
    return 0 if manifest is None else sum(not line.get("assumed") for line in manifest["lines"])


def _line(p: Row[Any], zone: str, people: dict[int, str]) -> ManifestLine:
    return ManifestLine(
        parcel_id=p.id,
        tracking=p.tracking,
        order_number=p.order_number,
        weight_grams=p.weight_grams,
        loaded_at=clock(p.loaded_at, zone),
        loaded_by=people.get(p.loaded_by, ""),
        assumed=bool(p.assumed),
    )
