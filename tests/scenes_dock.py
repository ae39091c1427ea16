"""Screens of the dock: loads, what stands in the way of their close, and goods that are counted there."""

from dataclasses import replace

from server.domain.benchwork.handoff import DockParcel, Load, ParcelState
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.dock.figures import figures
from server.domain.dock.values import DockMode, LeftReason, LoadState, OnTruck, OtherLoad
from server.wire import CarrierClose, DueLine, GoodsBooked, GoodsLine, Lane, Told
from station.goods_sheet import GoodsSheet, GoodsStep
from station.views import DockLobbyView, DockView, Flash, GoodsView, LoadSummaryView, Note, PalletView, View

NOW = 1_763_730_000.0
"""As in ``tests.scenes``."""


def load(loaded: int = 23, missing: int = 4, aside: int = 2, closed: bool = False) -> Load:
    """A load with so many parcels on it, ready for it, and set aside."""
    parcels = [
        DockParcel(
            f"P{n}", f"1Z999AA1{n:08d}", str(1000 + n), "Webshop", "ups", _state(n, loaded, missing), _on(n, loaded)
        )
        for n in range(loaded + missing + aside)
    ]
    codes = tuple(p.parcel_id for p in parcels[loaded + missing :])
    return Load("L-0042", "ups", "UPS", closed, tuple(parcels), codes)


def _state(n: int, loaded: int, missing: int) -> ParcelState:
    if n < loaded:
        return ParcelState.LOADED
    return ParcelState.READY if n < loaded + missing else ParcelState.CANCELLED


def _on(n: int, loaded: int) -> str | None:
    return "L-0042" if n < loaded else None


LANES = tuple(Lane(carrier=code, name=name) for code, name in (("ups", "UPS"), ("dhl", "DHL"), ("own", "Own van")))
TOLD = (Told(channel="Webshop", told=20, total=20), Told(channel="Marketplace", told=1, total=3))


def _seen(load: Load) -> Load:
    """The same on a trailer with a cut-off, and every missing parcel seen somewhere."""
    ready = iter((("Bench 3", "Ana R."), ("Dock 2", "Jo K."), ("Bench 11", "Maximilian W."), ("Dock 2", "Jo K.")))
    parcels = []
    for p in load.parcels:
        where, who = next(ready, ("Dock 2", "Jo K.")) if p.state is ParcelState.READY else ("", "")
        ship_by = NOW + 3600 if where else None
        seen = {"seen_where": where, "seen_by": who, "seen_at": NOW - 1800 if where else None, "ship_by": ship_by}
        parcels.append(replace(p, load_id="LOAD000042" if p.load_id else None, **seen))  # type: ignore[arg-type]
    half = replace(parcels[0], parcel_id="P0b", tracking="1Z999AA199999999", state=ParcelState.READY, load_id=None)
    return replace(
        load,
        load_id="LOAD000042",
        parcels=(*parcels, half),
        trailer="Trailer 7",
        driver="M. Long",
        cut_off=NOW + 28 * 60,
        day_ends=NOW + 8 * 3600,
    )


def _dock(of: Load, flash: Flash | None = None) -> DockView:
    return DockView(of, figures(of, NOW), flash=flash)


def _close(of: Load, flash: Flash | None = None, **more: object) -> LoadSummaryView:
    return LoadSummaryView(of, NOW - 2, figures=figures(of, NOW), flash=flash, **more)  # type: ignore[arg-type]


FULL = _seen(load())
CALM = replace(FULL, parcels=tuple(replace(p, ship_by=None) for p in FULL.parcels[:-1]), set_aside=(), cut_off=None)
GONE = OnTruck("P3", "1Z999AA100000003", "1003", 212, 640, NOW - 7200, "Jo K.")
FOLLOWS = (("load", "LOAD000043"), ("says", "dock_follows"))
OTHER = (
    ("says", "dock_carrier_there"),
    ("carrier", "DHL"),
    ("where", "Trailer 12"),
    ("dock", "Dock 4"),
)
LOADS = (
    OtherLoad("LOAD000042", "ups", "UPS", "Trailer 7", "Dock 2", ("ground",), LoadState.OPEN, NOW + 28 * 60, 23),
    OtherLoad("LOAD000043", "ups", "UPS", "Trailer 9", "", ("next day",), LoadState.PLANNED, NOW + 7200, 0),
)
DUE = (
    DueLine(ship_by=NOW - 600, channel="Marketplace", carrier="dhl", parcels=2),
    DueLine(ship_by=NOW + 5400, channel="Webshop", carrier="ups", parcels=31),
    DueLine(ship_by=NOW + 90000, channel="Webshop", carrier="own", parcels=7),
)
NAMES = {"SKU-7801": "Concentrate 16 oz LAVENDER", "SKU-7802": "Spray bottle 500 ml CLEAR", "SKU-7804": "Gift card"}
LISTED = (
    GoodsLine(sku="SKU-7801", units=48),
    GoodsLine(sku="SKU-7802", units=24, lot="L2207A"),
    GoodsLine(sku="SKU-7804", units=100),
)
COUNTED = (
    GoodsLine(sku="SKU-7801", units=48),
    GoodsLine(sku="SKU-7804", units=104),
    GoodsLine(sku="SKU-7802", units=12, lot="L2207A"),
)
SHEET = GoodsSheet(kind="receive", key="k", step=GoodsStep.COUNTING, ref="PO-2231", expected=LISTED, scans=COUNTED)
_SHELF = GoodsSheet(kind="count", key="k", step=GoodsStep.COUNTING, ref="SKU-7802", shelf=9, scans=COUNTED[2:])

DOCK_VIEWS: dict[str, View] = {
    "dock-lobby": DockLobbyView(LANES),
    "dock-lobby-loads": DockLobbyView(LANES, loads=LOADS, due=DUE, day_ends=NOW + 8 * 3600),
    "dock-new-load": DockLobbyView(
        LANES, asks="Own van", flash=Flash(30, Reason.NEED_CONFIRM, Tone.LOOK, "own", Note.NEW_LOAD)
    ),
    "dock-begin-alone": DockLobbyView(
        LANES,
        asks="Own van",
        known_at=NOW - 1500,
        flash=Flash(30, Reason.NEED_CONFIRM, Tone.LOOK, "", Note.BEGIN_ALONE),
    ),
    "dock-which-paper": DockLobbyView(
        LANES, reprints=True, flash=Flash(30, Reason.NEED_CONFIRM, Tone.LOOK, "", Note.PAPER_WHICH)
    ),
    "dock-which-load": DockLobbyView(
        LANES,
        loads=LOADS,
        asks="UPS",
        choose=True,
        flash=Flash(30, Reason.WHICH_LOAD, Tone.LOOK, "ups", Note.WHICH_LOAD),
    ),
    "dock-pickup": DockLobbyView(
        LANES,
        due=DUE,
        picks=True,
        pickup=31,
        flash=Flash(30, Reason.NEED_CONFIRM, Tone.LOOK, "UPS", Note.PICKUP_ASK, units=(31, 31)),
    ),
    "dock": _dock(CALM, Flash(31, Reason.OK, Tone.GOOD, "1Z999AA100000022")),
    "dock-pressed": _dock(FULL, Flash(31, Reason.OK, Tone.GOOD, "1Z999AA100000022")),
    "dock-refused": _dock(FULL, Flash(32, Reason.WRONG_CARRIER, Tone.STOP, "JD014600003RT", facts=OTHER)),
    "dock-follows": _dock(
        replace(FULL, load_id="LOAD000043"), Flash(32, Reason.LOAD_CLOSED, Tone.STOP, "LOAD000042", facts=FOLLOWS)
    ),
    "dock-not-confirmed": _dock(FULL, Flash(32, Reason.LABEL_NOT_CONFIRMED, Tone.STOP, "1Z999AA100000027")),
    "dock-unload": _dock(replace(FULL, mode=DockMode.UNLOAD), Flash(32, Reason.UNLOAD_WHICH, Tone.LOOK)),
    "dock-remaining": _dock(
        replace(FULL, mode=DockMode.REMAINING, remaining=("P23", "P24")),
        Flash(33, Reason.REMAINS, Tone.GOOD, "1Z999AA100000024"),
    ),
    "load-summary": _close(
        replace(FULL, parcels=FULL.parcels[:23], set_aside=()), Flash(33, Reason.NEED_CONFIRM, Tone.LOOK)
    ),
    "load-pull": _close(
        replace(FULL, cancelled_on=(GONE,)),
        Flash(33, Reason.PULL_FIRST, Tone.LOOK),
        questions=(Reason.PULL_FIRST, Reason.SET_ASIDE, Reason.NEED_REASON),
        pull=GONE,
    ),
    "load-aside": _close(
        FULL, Flash(33, Reason.SET_ASIDE, Tone.LOOK), questions=(Reason.SET_ASIDE, Reason.NEED_REASON)
    ),
    "load-why": _close(
        replace(FULL, set_aside=()), Flash(33, Reason.NEED_REASON, Tone.LOOK), questions=(Reason.NEED_REASON,)
    ),
    "load-because": _close(
        replace(FULL, set_aside=()), Flash(33, Reason.NEED_CONFIRM, Tone.LOOK), left_reason=LeftReason.NO_SPACE
    ),
    "load-hurry": _close(
        replace(FULL, set_aside=(), remaining=("P23", "P24")),
        Flash(33, Reason.NEED_REASON, Tone.LOOK),
        questions=(Reason.NEED_REASON,),
        hurry=True,
    ),
    "load-alone": _close(
        replace(FULL, set_aside=()), Flash(33, Reason.NOT_NOW, Tone.LOOK, detail=Note.AWAY_CLOSE), alone=True
    ),
    "load-closed": LoadSummaryView(
        load(23, 0, 2, closed=True),
        NOW - 9,
        closed=True,
        manifest_path="/var/lib/packproof/manifests/L-0042.pdf",
        told=TOLD,
        carrier_close=CarrierClose(state="pending"),
        flash=Flash(34, Reason.OK, Tone.BOX_DONE, "UPS"),
    ),
    "load-closed-alone": LoadSummaryView(
        load(23, 0, 2, closed=True),
        NOW - 9,
        closed=True,
        manifest_path="/var/lib/packproof/manifests/L-0042-provisional.pdf",
        printed=True,
        known_at=NOW - 1500,
        flash=Flash(34, Reason.OK, Tone.BOX_DONE, "UPS", Note.CLOSED_ALONE),
    ),
    "goods-paper": GoodsView(GoodsSheet(kind="put-back", key="k"), {}),
    "goods-counting": GoodsView(SHEET, NAMES, flash=Flash(40, Reason.OK, Tone.GOOD, "Spray bottle 500 ml CLEAR")),
    "goods-asked": GoodsView(
        replace(SHEET, kind="arrive", ref="12", step=GoodsStep.ASKED),
        NAMES,
        flash=Flash(41, Reason.NEED_CONFIRM, Tone.LOOK, detail=Note.GOODS_ASK),
    ),
    "goods-waits": GoodsView(
        replace(SHEET, step=GoodsStep.BOOKING),
        NAMES,
        waits=True,
        flash=Flash(42, Reason.NOT_NOW, Tone.LOOK, detail=Note.GOODS_AWAY_KEPT),
    ),
    "goods-lot": GoodsView(
        replace(SHEET, asks_lot=True),
        NAMES,
        flash=Flash(43, Reason.NEED_LOT, Tone.LOOK, "SKU-7802", Note.GOODS_LOT_WHICH),
    ),
    "pallet-code": PalletView("", (), flash=Flash(44, Reason.OK, Tone.GOOD, detail=Note.PALLET_SSCC)),
    "pallet": PalletView(
        "340123450000000017", load().parcels[:14], flash=Flash(45, Reason.OK, Tone.GOOD, "1Z999AA100000013")
    ),
    "pallet-asked": PalletView(
        "340123450000000017",
        load().parcels[:14],
        asked=True,
        flash=Flash(46, Reason.NEED_CONFIRM, Tone.LOOK, "340123450000000017", Note.PALLET_ASK),
    ),
    "pallet-alone": _dock(FULL, Flash(47, Reason.OK, Tone.BOX_DONE, "340123450000000017", Note.PALLET_ALONE)),
    "pallet-no-number": PalletView("", (), flash=Flash(48, Reason.NOT_NOW, Tone.LOOK, detail=Note.PALLET_AWAY)),
    "goods-count": GoodsView(_SHELF, NAMES, flash=Flash(43, Reason.OK, Tone.GOOD, "Spray bottle 500 ml CLEAR")),
    "goods-booked": GoodsView(
        replace(_SHELF, step=GoodsStep.BOOKED, booked=GoodsBooked(before=9, after=12)),
        NAMES,
        flash=Flash(44, Reason.OK, Tone.BOX_DONE, detail=Note.GOODS_BOOKED),
    ),
}
"""By the name of the picture."""
