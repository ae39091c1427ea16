"""Every screen of the station as a value: what the pictures show and the screen tests look at."""

from dataclasses import replace

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.packing.order import OrderLine, PackOrder
from server.domain.packing.rules import opened
from server.domain.packing.session import Phase, Session, Stop
from server.domain.packing.wants import BoxChoice, PackedBox, Step, StepKind, Wants, WeightTrouble
from server.wire import QueueItem, QueueLine
from station.views import (
    Bought,
    Flash,
    HelpView,
    LabelStage,
    Lamp,
    Light,
    Note,
    Pace,
    PackView,
    ParkedBox,
    QueueView,
    SignInView,
    State,
    StatusLine,
    StopView,
    View,
)
from tests.scenes_dock import DOCK_VIEWS
from tests.scenes_goods import GOODS_VIEWS

NOW = 1_763_730_000.0
"""2025-11-21T13:00:00Z."""

READY = Lamp(Light.OK, State.READY)
STATUS = StatusLine("Bench 3", "Ana R.", Lamp(Light.OK, State.OK), 0, READY, READY)
TROUBLED = replace(
    STATUS,
    server=Lamp(Light.OFF, State.AWAY, 720),
    unsent=31,
    printer=Lamp(Light.LOOK, State.NEEDS_HAND, words="slow"),
)
NOBODY = replace(STATUS, person="")

GUIDE = (
    "Type PPB-ANA and press Enter: that is a badge. A scanner types for you.",
    "Type 1043 and press Enter: the order opens.",
    "Scan 4006381333931, an item it does not want. See it stop. Press Enter.",
    "Scan the items it wants. The label is bought and printed by itself.",
    "Scan the label, then PPC-DOCK, then the lane PPL-VAN, then the label again.",
    "Scan PPC-CLOSE twice. The shop knows the tracking number. Ctrl-C twice ends it.",
)


def line(number: int, name: str, variant: str = "", quantity: int = 1, shelf: str = "A-04-1") -> OrderLine:
    """One line of an order; its SKU follows from its number."""
    return OrderLine(number, f"SKU-{7800 + number}", name, variant, quantity, shelf)


ORDER = PackOrder(
    order_id=1,
    number="1043",
    channel="Webshop",
    version=1,
    carrier="UPS",
    service="Ground",
    lines=(
        line(1, "Concentrate 16 oz", "LAVENDER", 2, "A-01-3"),
        line(2, "Spray bottle 500 ml", "CLEAR", 3, "A-04-1"),
        line(3, "Refill pack 3 × 250 ml", "", 1, "A-04-2"),
        line(4, "Gift card", "", 1, "DESK"),
        line(5, "Microfibre cloth 30 cm", "BLUE", 2, "B-02-2"),
        line(6, "Leaflet German", "", 1, "DESK"),
    ),
    ship_by="2025-11-21T13:28:00+00:00",
    note="Fragile: wrap each bottle. Gift: no invoice in the box.",
)
LONG = replace(
    ORDER,
    number="1051",
    note="",
    lines=tuple(
        line(n, name, variant, quantity, f"C-{n:02d}-1")
        for n, (name, variant, quantity) in enumerate(
            (
                ("Soap bar 100 g", "OLIVE", 2),
                ("Soap bar 100 g", "ROSE", 2),
                ("Soap bar 100 g", "HONEY", 1),
                ("Shampoo 250 ml", "MINT", 1),
                ("Shampoo 250 ml", "BIRCH", 3),
                ("Candle", "SANDALWOOD", 1),
                ("Bath salt 500 g", "LAVENDER", 2),
                ("Towel 50 × 100 cm", "WHITE", 2),
                ("Towel 50 × 100 cm", "GREY", 1),
                ("Hand cream 75 ml", "", 1),
                ("Lip balm", "VANILLA", 4),
                ("Gift wrap", "RED", 1),
            ),
            start=1,
        )
    ),
)


def packing(order: PackOrder = ORDER, counts: tuple[int, ...] = (2, 1, 0, 0, 0, 0), last: int = 2) -> Session:
    """A session with these counts, last scanned at line ``last``."""
    return replace(opened("s-1", order), counts=counts, last_line=last, box_type="BOX-M")


def good(item: str, serial: int = 7, tone: Tone = Tone.GOOD) -> Flash:
    """A good scan."""
    return Flash(serial, Reason.OK, tone, item=item)


CLEAR = good("Spray bottle 500 ml CLEAR")
CHECKED = replace(packing(counts=(2, 3, 1, 1, 2, 1), last=6), phase=Phase.CHECKED)
PARKED = (ParkedBox("1039", Reason.NO_PRINTER, NOW - 260), ParkedBox("1040", Reason.OK, NOW - 75))
WRONG = Stop(Reason.WRONG_ITEM, "Concentrate 16 oz", "EUCALYPTUS", "SKU-4413", ("Gift card", "Leaflet German"))


def queue_items(count: int) -> tuple[QueueItem, ...]:
    """Waiting orders, most urgent first."""
    carriers, services = ("UPS", "DHL", "Own van"), ("Ground", "Paket", "next day")
    goods = tuple(QueueLine(name=one.name, variant=one.variant, units=one.quantity, bin=one.bin) for one in ORDER.lines)
    return tuple(
        QueueItem(
            number=str(1044 + n),
            channel="Webshop" if n % 3 else "Marketplace",
            units=1 + 3 * n % 7,
            lines=1 + n % 4,
            ship_by=f"2025-11-21T{13 + n // 3}:{20 * (n % 3) + 8:02d}:00+00:00",
            carrier=carriers[n % 3],
            service=services[n % 3],
            goods=goods[n % 4 : n % 4 + min(3, 1 + n % 4)],
        )
        for n in range(count)
    )


WANTS = Wants(
    steps=(
        Step("look:1", StepKind.SECOND_LOOK, "For Anna & Tom, 12 May", item="Concentrate 16 oz LAVENDER"),
        Step("note", StepKind.NOTE, "Please leave the box with the neighbour at number 7, never at the door."),
        Step("insert:1", StepKind.INSERT, "Thank-you card, German", code="CARD-DE"),
    ),
    profile="gift-shop",
    prepare=("Bubble wrap", "Spray bottle 500 ml CLEAR: wrap each one, head down"),
)
WEIGHED = replace(ORDER, wants=Wants(boxes=(BoxChoice("M", 160),), suggested="M", weigh=True))
LIGHT = WeightTrouble(Reason.WEIGHT_MISMATCH, 2410, -120, "SKU-7802", 1, rescan=True)
TWO_BOXES = (PackedBox((2, 2, 0, 0, 0, 0), "M"), PackedBox((0, 1, 1, 1, 2, 1), "S"))


def steps(order: PackOrder, **columns: object) -> Session:
    """Every unit is verified, and something is open."""
    full = replace(packing(order, (2, 3, 1, 1, 2, 1), 6), phase=Phase.STEPS, box_type=None)
    return replace(full, **columns)  # type: ignore[arg-type]


def _stage(
    stage: LabelStage, bought: Bought, seconds: float, detail: str = "", session: Session | None = None
) -> PackView:
    session = session or (replace(CHECKED, phase=Phase.LABEL) if bought is Bought.BOUGHT else CHECKED)
    return PackView(session, stage, NOW - seconds, bought, detail, flash=good("Leaflet German", tone=Tone.BOX_DONE))


def asked(reason: Reason, item: str, detail: str = "") -> PackView:
    """Packing, with this said of an item."""
    return PackView(packing(), flash=Flash(13, reason, Tone.LOOK, item, detail))


VIEWS: dict[str, View] = {
    "sign-in": SignInView(),
    "sign-in-pin": SignInView(Flash(2, Reason.WRONG_PIN, Tone.LOOK, "Ana R.", Note.PIN_WRONG, units=(3, 0)), "Ana R."),
    "sign-in-away": SignInView(
        Flash(3, Reason.NOT_SIGNED_IN, Tone.LOOK, "Bench 5", Note.ELSEWHERE), order_number="1043"
    ),
    "sign-out": SignInView(Flash(4, Reason.OK, Tone.GOOD, "Ana R.", Note.SIGNED_OUT), pace=Pace(34, 121, 3)),
    "queue": QueueView(12, queue_items(8), just_closed="1043"),
    "queue-alone": QueueView(
        0, (), (ParkedBox("1039", Reason.CANCELLED, NOW - 30), ParkedBox("1043", Reason.OK, NOW - 60, 3)), alone=True
    ),
    "queue-parked": QueueView(
        12,
        queue_items(8),
        PARKED,
        flash=Flash(3, Reason.IN_USE, Tone.LOOK, "1044", Note.TAKE_BADGE, words="Bench 5 has it open."),
    ),
    "queue-opening": QueueView(12, queue_items(3), opening="1044"),
    "queue-walk": QueueView(
        12,
        queue_items(8),
        flash=Flash(
            4,
            Reason.IN_USE,
            Tone.LOOK,
            "Bench 5",
            Note.TAKE_WALK,
            words="Bench 5, with order 1044 of Ben, is not heard of since Fri 21 Nov 12:44.",
        ),
    ),
    "queue-hold": QueueView(
        12,
        queue_items(8),
        flash=Flash(
            5, Reason.ON_HOLD, Tone.STOP, "1044", Note.HOLD_BADGE, words="order 1044 is on hold: address unclear"
        ),
    ),
    "queue-release": QueueView(
        12, queue_items(8), flash=Flash(6, Reason.NEED_CONFIRM, Tone.LOOK, "1044", Note.RELEASE_ASK)
    ),
    "queue-relabel": QueueView(
        12, queue_items(8), flash=Flash(15, Reason.NEED_CONFIRM, Tone.LOOK, "PV00000012347", Note.RELABEL_WHY)
    ),
    "queue-tote": QueueView(
        12, queue_items(8), tote="17", flash=Flash(7, Reason.NEED_CONFIRM, Tone.LOOK, "17", Note.ITEM_OF_TOTE)
    ),
    "queue-tote-end": QueueView(12, queue_items(8), tote_ended="17", just_closed="1043"),
    "pack-tote-mate": PackView(packing(), flash=Flash(8, Reason.NOT_NOW, Tone.LOOK, "1051", Note.TOTE_MATE)),
    "pack-other-slip": PackView(packing(), flash=Flash(9, Reason.NOT_NOW, Tone.LOOK, "1051", Note.PARK_FIRST)),
    "pack-count-box": PackView(
        packing(), flash=Flash(10, Reason.OK, Tone.LOOK, "Ben K.", Note.COUNT_BOX, units=(3, 10))
    ),
    "pack": PackView(packing(), flash=CLEAR),
    "pack-long": PackView(
        packing(LONG, (2, 2, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0), 5), parked=PARKED, flash=good("Shampoo 250 ml BIRCH", 8)
    ),
    "pack-line-full": PackView(
        packing(counts=(2, 3, 0, 0, 0, 0)), flash=good("Spray bottle 500 ml CLEAR", 9, Tone.LINE_FULL)
    ),
    "pack-bad-read": PackView(packing(), flash=Flash(10, Reason.BAD_READ, Tone.LOOK)),
    "pack-prepare": PackView(packing(replace(ORDER, wants=WANTS), (0, 0, 0, 0, 0, 0), 1)),
    "pack-light": PackView(
        replace(packing(WEIGHED, (2, 0, 1, 1, 2, 1), 2), weighed_off=LIGHT),
        flash=Flash(12, Reason.WEIGHT_MISMATCH, Tone.LOOK, "2410", Note.WEIGHED_OFF),
    ),
    "step-look": PackView(steps(replace(ORDER, wants=WANTS)), flash=good("Leaflet German", tone=Tone.LINE_FULL)),
    "step-box": PackView(
        steps(
            replace(ORDER, wants=Wants(boxes=(BoxChoice("M"), BoxChoice("L")))),
            sealed=(PackedBox((2, 2, 0, 0, 0, 0), "M"),),
        ),
        flash=Flash(8, Reason.BOX_NOT_ALLOWED, Tone.LOOK, "L"),
    ),
    "step-weight": PackView(
        steps(WEIGHED, weighed_off=replace(LIGHT, rescan=False)),
        flash=Flash(13, Reason.WEIGHT_MISMATCH, Tone.LOOK, "2410", Note.WEIGHED_OFF),
    ),
    "scan-label-of-two": _stage(
        LabelStage.SCAN_LABEL, Bought.BOUGHT, 4, session=replace(CHECKED, phase=Phase.LABEL, sealed=TWO_BOXES)
    ),
    "checked": _stage(LabelStage.CHECKED, Bought.NOT_BOUGHT, 1),
    "buying": _stage(LabelStage.BUYING, Bought.CHECKING, 3),
    "printing": _stage(LabelStage.PRINTING, Bought.BOUGHT, 2),
    "printing-trouble": _stage(LabelStage.PRINTING, Bought.BOUGHT, 3, "out of labels"),
    "scan-label": _stage(LabelStage.SCAN_LABEL, Bought.BOUGHT, 14),
    "scan-label-allotted": _stage(
        LabelStage.SCAN_LABEL, Bought.ALLOTTED, 4, session=replace(CHECKED, phase=Phase.LABEL)
    ),
    "failed": _stage(LabelStage.FAILED, Bought.NOT_BOUGHT, 20, "The carrier says: postal code does not exist."),
    "stop": StopView(
        WRONG,
        "1043",
        (("Concentrate 16 oz", "LAVENDER", 1),),
        flash=Flash(11, Reason.STOPPED, Tone.STOP),
        need_skus=("SKU-7801",),
    ),
    "stop-many": StopView(
        replace(WRONG, not_counted=()),
        "1043",
        tuple((n.name, n.variant, n.quantity) for n in LONG.lines),
        flash=Flash(12, Reason.WRONG_ITEM, Tone.STOP),
    ),
    "stop-too-many": StopView(
        Stop(Reason.OVER_QUANTITY, "Spray bottle 500 ml", "CLEAR", "SKU-7802"),
        "1043",
        (("Gift card", "", 1), ("Microfibre cloth 30 cm", "BLUE", 2)),
        flash=Flash(12, Reason.OVER_QUANTITY, Tone.STOP),
    ),
    "stop-case": StopView(
        Stop(Reason.OVER_QUANTITY, "Spray bottle 500 ml", "CLEAR", "SKU-7802", ("Gift card",) * 99, 6, 2),
        "1043",
        (("Gift card", "", 1), ("Spray bottle 500 ml", "CLEAR", 2)),
        flash=Flash(12, Reason.OVER_QUANTITY, Tone.STOP),
    ),
    "stop-cancelled": StopView(
        Stop(Reason.CANCELLED),
        "1043",
        ends=True,
        flash=Flash(5, Reason.CANCELLED, Tone.STOP, "1043", words="The buyer cancelled it a moment ago."),
    ),
    "stop-changed": StopView(
        Stop(Reason.CHANGED),
        "1043",
        ends=True,
        words="some of it was cancelled: begin it again",
        take_out=(("Spray bottle 500 ml", "CLEAR", 1),),
        add=(("Gift card", "", 1),),
    ),
    "stop-dock": StopView(
        Stop(Reason.CANCELLED, "1Z999AA100000027"),
        "1027",
        dock=True,
        flash=Flash(4, Reason.CANCELLED, Tone.STOP),
        facts=(("says", "dock_where"), ("position", "212"), ("of", "640"), ("time", "12:51")),
    ),
    "undo-which": asked(Reason.UNDO_WHICH, "Spray bottle 500 ml CLEAR"),
    "taken-out": asked(Reason.TAKEN_OUT, "Spray bottle 500 ml CLEAR"),
    "empty-what": asked(Reason.EMPTY_WHAT, "1043"),
    "which-problem": asked(Reason.WHICH_PROBLEM, "Gift card"),
    "which-item": asked(Reason.WHICH_PROBLEM, "", Reason.MISLABELLED),
    "force-which": asked(Reason.FORCE_WHICH, "Refill pack 3 × 250 ml"),
    "only-warned": asked(Reason.WARN_WRONG_ITEM, "Concentrate 16 oz EUCALYPTUS"),
    "set-aside": QueueView(
        12,
        queue_items(8),
        (ParkedBox("1043", Reason.DAMAGED, NOW - 2), *PARKED),
        flash=Flash(14, Reason.DAMAGED, Tone.LOOK, "Spray bottle 500 ml CLEAR"),
    ),
    "outside-label": _stage(LabelStage.OUTSIDE, Bought.NOT_BOUGHT, 6),
    "help-pack": HelpView(PackView(packing()), flash=Flash(15, Reason.OK, Tone.GOOD, detail=Note.HELP)),
    "help-queue": HelpView(QueueView(12, queue_items(8)), flash=Flash(15, Reason.OK, Tone.GOOD, detail=Note.HELP)),
    **GOODS_VIEWS,
    **DOCK_VIEWS,
}
"""By the name of the picture."""

SIZES = ((80, 24), (120, 40))
