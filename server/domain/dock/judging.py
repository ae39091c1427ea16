"""The dock rules: what one scan means for a load. The dock station and the server both run exactly this."""

from dataclasses import replace

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan
from server.domain.dock.barcodes import readings, sscc_of
from server.domain.dock.refusals import facts_of, refusal_of
from server.domain.dock.values import DockMode, DockParcel, DockVerdict, Facts, Load, Pallet, ParcelState, standing

MODES = {
    Command.UNLOAD: (DockMode.UNLOAD, Reason.UNLOAD_WHICH),
    Command.REMAINING: (DockMode.REMAINING, Reason.REMAINING_WHICH),
    Command.ASIDE_DONE: (DockMode.ASIDE, Reason.ASIDE_WHICH),
}


def judge(load: Load, scan: Scan) -> DockVerdict:
    """Say what the scanned code means here: whether a parcel may go on this load, comes off it, or stays."""
    if load.stop is not None:
        return _while_stopped(load, scan)
    if scan.bounce:
        return DockVerdict(Reason.REPEAT, Tone.LOOK, load, item=scan.raw)
    parcel = parcel_of(load, scan)
    if parcel is not None:
        return _BY_MODE[load.mode](load, parcel)
    pallet = pallet_of(load, scan)
    if pallet is not None:
        return _pallet(load, pallet)
    return _not_a_parcel(load, scan)


def parcel_of(load: Load, scan: Scan) -> DockParcel | None:
    """The parcel this code belongs to: its id, its number, or its number inside a longer barcode."""
    if not scan.payload:
        return None
    for text in readings(scan.payload):
        found = next((p for p in load.parcels if text in (p.tracking, p.parcel_id)), None)
        if found is not None:
            return found
    return None


def pallet_of(load: Load, scan: Scan) -> Pallet | None:
    """The pallet whose SSCC this is."""
    sscc = sscc_of(scan.payload)
    return next((each for each in load.pallets if sscc and each.sscc == sscc), None)


def _not_a_parcel(load: Load, scan: Scan) -> DockVerdict:
    if scan.command is Command.OK:
        return DockVerdict(Reason.OK, Tone.GOOD, replace(load, mode=DockMode.LOAD))
    if scan.command in MODES:
        return _mode(load, *MODES[scan.command])
    if scan.command or scan.badge or scan.order_ref or scan.lane or scan.load_ref:
        return DockVerdict(Reason.NOT_NOW, Tone.LOOK, load, item=scan.raw)
    if scan.problem or (scan.bad_read and not scan.matches):
        return DockVerdict(Reason.BAD_READ, Tone.LOOK, load, item=scan.raw)
    if scan.matches:
        return DockVerdict(Reason.ITEM_NOT_PARCEL, Tone.LOOK, load, item=scan.matches[0].label)
    return DockVerdict(Reason.UNKNOWN_CODE, Tone.LOOK, load, item=scan.raw)


def _mode(load: Load, mode: DockMode, asks: Reason) -> DockVerdict:
    """The same command a second time goes back to loading."""
    if load.closed:
        return DockVerdict(Reason.LOAD_CLOSED, Tone.LOOK, load)
    if load.mode is mode:
        return DockVerdict(Reason.OK, Tone.GOOD, replace(load, mode=DockMode.LOAD))
    return DockVerdict(asks, Tone.LOOK, replace(load, mode=mode))


def _load(load: Load, parcel: DockParcel) -> DockVerdict:
    refusal = refusal_of(load, parcel)
    if refusal is None:
        on = _on(load, parcel)
        return DockVerdict(Reason.OK, Tone.GOOD, _with(load, (on,)), on, on.tracking, put_on=(on,))
    facts = facts_of(load, parcel, refusal)
    if refusal is Reason.ALREADY_LOADED:
        return DockVerdict(refusal, Tone.LOOK, load, parcel, parcel.tracking, facts)
    after = _aside(load, (parcel,))
    if refusal is Reason.CANCELLED:
        after = replace(after, stop=refusal, stop_item=parcel.tracking, not_counted=())
    refused = ((parcel, refusal),)
    return DockVerdict(refusal, Tone.STOP, after, parcel, parcel.tracking, facts, refused=refused)


def _unload(load: Load, parcel: DockParcel) -> DockVerdict:
    here = parcel.state is ParcelState.LOADED and parcel.load_id == load.load_id
    back = replace(load, mode=DockMode.LOAD)
    if not here and parcel.state in (ParcelState.CANCELLED, ParcelState.BLOCKED):
        return _load(back, parcel)
    if load.closed or not here:
        reason = Reason.LOAD_CLOSED if load.closed else Reason.NOT_LOADED
        facts = facts_of(load, parcel, Reason.WRONG_LOAD) if parcel.load_id else Facts()
        return DockVerdict(reason, Tone.LOOK, back, parcel, parcel.tracking, facts)
    off, after = _off(parcel), _by_itself(back, parcel)
    return DockVerdict(Reason.UNLOADED, Tone.LINE_FULL, _with(after, (off,)), off, off.tracking, taken_off=(off,))


def _remains(load: Load, parcel: DockParcel) -> DockVerdict:
    """It is in somebody's hand at the dock, so it is not on the vehicle, whatever an earlier scan said."""
    if parcel.state in (ParcelState.CANCELLED, ParcelState.BLOCKED) or load.closed:
        return _load(load, parcel)
    marked = _by_itself(replace(load, remaining=tuple(dict.fromkeys((*load.remaining, parcel.parcel_id)))), parcel)
    if parcel.state is not ParcelState.LOADED or parcel.load_id != load.load_id:
        return DockVerdict(Reason.REMAINS, Tone.GOOD, marked, parcel, parcel.tracking)
    off = _off(parcel)
    return DockVerdict(Reason.REMAINS, Tone.GOOD, _with(marked, (off,)), off, off.tracking, taken_off=(off,))


def _aside_done(load: Load, parcel: DockParcel) -> DockVerdict:
    if parcel.parcel_id not in load.set_aside:
        return DockVerdict(Reason.NOT_ASIDE, Tone.LOOK, load, parcel, parcel.tracking)
    left = tuple(code for code in load.set_aside if code != parcel.parcel_id)
    after = _by_itself(replace(load, set_aside=left), parcel)
    return DockVerdict(Reason.ASIDE_DONE, Tone.LINE_FULL, after, parcel, parcel.tracking)


_BY_MODE = {
    DockMode.LOAD: _load,
    DockMode.UNLOAD: _unload,
    DockMode.REMAINING: _remains,
    DockMode.ASIDE: _aside_done,
}


def _pallet(load: Load, pallet: Pallet) -> DockVerdict:
    """All of it goes on, or nothing: a pallet with one parcel that may not leave is taken apart first."""
    if load.mode is not DockMode.LOAD:
        return DockVerdict(Reason.NOT_NOW, Tone.LOOK, load, item=pallet.sscc)
    wanted = [p for p in load.parcels if p.parcel_id in pallet.parcel_ids]
    judged = [(p, refusal_of(load, p)) for p in wanted]
    refused = tuple((p, why) for p, why in judged if why is not None and why is not Reason.ALREADY_LOADED)
    unknown = sorted(set(pallet.parcel_ids) - {p.parcel_id for p in wanted})
    if refused or unknown:
        after = _aside(load, tuple(p for p, _ in refused))
        gone = next((p for p, why in refused if why is Reason.CANCELLED), None)
        if gone is not None:
            after = replace(after, stop=Reason.CANCELLED, stop_item=gone.tracking, not_counted=())
        reason = Reason.CANCELLED if gone is not None else Reason.PALLET_REFUSED
        facts = Facts(other=", ".join([*(p.tracking for p, _ in refused), *unknown]))
        item = gone.tracking if gone is not None else pallet.sscc
        return DockVerdict(reason, Tone.STOP, after, gone, item, facts, refused=refused)
    on = tuple(_on(load, p) for p, why in judged if why is None)
    if not on:
        return DockVerdict(Reason.ALREADY_LOADED, Tone.LOOK, load, item=pallet.sscc)
    return DockVerdict(Reason.OK, Tone.BOX_DONE, _with(load, on), item=pallet.sscc, put_on=on)


def taken_whole(load: Load, scan: Scan, verdict: DockVerdict) -> DockVerdict:
    """The verdict on a pallet that a dock took, where not all of it may leave: each parcel is judged alone.

    It is on the vehicle already; what of it may leave must be on the manifest and told.
    """
    if verdict.reason not in (Reason.PALLET_REFUSED, Reason.CANCELLED) or not (members := on_pallet(load, scan)):
        return verdict
    on = tuple(_on(load, p) for p in members if refusal_of(load, p) is None)
    return replace(verdict, load=_with(verdict.load, on), put_on=on)


def on_pallet(load: Load, scan: Scan) -> tuple[DockParcel, ...]:
    """The parcels that a scanned SSCC stands for, before anything was done."""
    ids = set(pallet_ids(load, scan))
    return tuple(p for p in load.parcels if p.parcel_id in ids)


def pallet_ids(load: Load, scan: Scan) -> tuple[str, ...]:
    """Ids of what a scanned SSCC stands for; none where the code is a parcel's own, or of no pallet."""
    pallet = pallet_of(load, scan)
    return pallet.parcel_ids if pallet is not None and parcel_of(load, scan) is None else ()


def holding(load: Load, scan: Scan, parcel_ids: tuple[str, ...]) -> Load:
    """The load, where the scanned SSCC stands for these parcels: what was on the pallet when a dock scanned it."""
    sscc = sscc_of(scan.payload) if parcel_ids else ""
    if not sscc:
        return load
    return replace(load, pallets=(*(each for each in load.pallets if each.sscc != sscc), Pallet(sscc, parcel_ids)))


def _by_itself(load: Load, parcel: DockParcel) -> Load:
    """What is taken off, stays, or was set aside stands on no pallet any more: its code would load it unseen."""
    return replace(load, pallets=standing(load.pallets, (parcel.parcel_id,)))


def _on(load: Load, parcel: DockParcel) -> DockParcel:
    return replace(parcel, state=ParcelState.LOADED, load_id=load.load_id)


def _off(parcel: DockParcel) -> DockParcel:
    return replace(parcel, state=ParcelState.READY, load_id=None, loaded_at=None, loaded_by="", assumed=False)


def _with(load: Load, changed: tuple[DockParcel, ...]) -> Load:
    """The load with these parcels as they are now; what is loaded is neither set aside nor remaining."""
    new = {p.parcel_id: p for p in changed}
    on = {p.parcel_id for p in changed if p.state is ParcelState.LOADED}
    return replace(
        load,
        parcels=tuple(new.get(p.parcel_id, p) for p in load.parcels),
        set_aside=tuple(code for code in load.set_aside if code not in on),
        remaining=tuple(code for code in load.remaining if code not in on),
        closing=False,
    )


def _aside(load: Load, parcels: tuple[DockParcel, ...]) -> Load:
    return replace(load, set_aside=tuple(dict.fromkeys((*load.set_aside, *(p.parcel_id for p in parcels)))))


def _while_stopped(load: Load, scan: Scan) -> DockVerdict:
    if scan.command is Command.OK:
        return DockVerdict(Reason.OK, Tone.GOOD, replace(load, stop=None, stop_item="", not_counted=()))
    listed = replace(load, not_counted=(*load.not_counted, scan.raw))
    return DockVerdict(Reason.STOPPED, Tone.STOP, listed, item=scan.raw)
