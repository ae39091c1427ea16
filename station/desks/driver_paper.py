"""What a driver signs, from what the dock holds: before the server has judged its scans, or on a small printer."""

from dataclasses import replace

from printing.documents import LoadManifest, ManifestLine
from server import wire
from server.domain.benchwork.handoff import DockParcel, Load
from server.domain.dock.figures import assumable
from station.site_time import minute


def paper(load: Load, site: wire.Snapshot, closed_by: str, at: float) -> LoadManifest:
    """A load that the server closed, as its last picture shows it. ``at`` is seconds since the epoch."""
    return LoadManifest(
        load_id=load.load_id,
        carrier=load.carrier_name,
        site=site.site,
        opened_at="",
        closed_at=minute(at, site.time_zone),
        closed_by=closed_by,
        lines=tuple(_line(p, p.assumed, site.time_zone) for p in load.loaded),
        left_behind=tuple(p.tracking for p in load.missing),
        trailer=load.trailer,
        driver=load.driver,
    )


def provisional(load: Load, site: wire.Snapshot, request: wire.CloseRequest) -> LoadManifest:
    """A load that left on this dock's word, with what was assumed on it, and the time up to which cancels are known."""
    assumed = {p.parcel_id for p in assumable(load)} & set(request.assumed_ids) if request.assume else set[str]()
    names = {person.person_id: person.name for person in site.people}
    rest = tuple(p for p in load.missing if p.parcel_id in assumed)
    left = tuple(p.tracking for p in load.missing if p.parcel_id not in assumed)
    known = request.cancels_known_at
    return replace(
        paper(load, site, names.get(request.person_id, ""), request.closed_at or 0.0),
        lines=tuple(_line(p, p in rest or p.assumed, site.time_zone) for p in (*load.loaded, *rest)),
        left_behind=left,
        left_because=request.left_reason.value.replace("_", " ") if request.left_reason and left else "",
        assumed_by=names.get(request.supervisor, "") if request.assume else "",
        cancelled=tuple(each.tracking for each in load.cancelled_on if each.answer != "pulled"),
        cancels_known_at=minute(known, site.time_zone) if known else "unknown",
        provisional=True,
    )


def _line(p: DockParcel, assumed: bool, time_zone: str) -> ManifestLine:
    at = minute(p.loaded_at, time_zone) if p.loaded_at else ""
    return ManifestLine(p.parcel_id, p.tracking, p.order_number, p.weight_grams, at, p.loaded_by, assumed)
