"""Whatever happens to a session, in whatever order: what counts is in the boxes, and no label comes before its time.

Every happening is either what the screen asks for, so that most sessions come far, or anything else a floor can do.
"""

from collections import Counter
from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.benchwork.reasons import COUNTS, Reason
from server.domain.benchwork.scans import Command, Scan
from server.domain.masterdata.catalog import BoxType, Catalog, ProductCode
from server.domain.packing import boxes
from server.domain.packing.captured import units_of
from server.domain.packing.order import Lot, Mode, OrderLine, PackOrder, ToteMate
from server.domain.packing.rules import apply, judge, opened, replay
from server.domain.packing.session import AskedKind, Fact, FactKind, Phase, Session
from server.domain.packing.steps import open_steps
from server.domain.packing.wants import BoxChoice, Expected, Step, StepKind, Wants
from server.reading import read
from server.usecases.benchwork.judging import packed, unpacked
from tests import goods_to_pack as goods
from tests.goods_to_pack import BRUSH, CREAM, CREAM_CASE, EITHER, KIT, NOON, PHONE, SOAP, brush, cream, gs1, phone, soap

CATALOG = Catalog.of(
    goods.CATALOG.products.values(),
    [code for codes in goods.CATALOG.codes.values() for code in codes],
    [BoxType("M", "Medium"), BoxType("XL", "Large")],
)
LOTS = (Lot("A1", "2027-06-30", reserved=4), Lot("B2", "2027-12-31", free=9), Lot("OLD", "2027-01-14", free=9))
LINES = (
    cream(7, lots=LOTS),
    phone(2),
    soap(4, typed_quantity=True),
    brush(1),
    brush(2, kit_sku="SPA", kit_name="Spa box"),
    cream(1, lots=LOTS, by_serial=True),
)
CODE = {"CREAM": CREAM, "PHONE": PHONE, "SOAP": SOAP, "BRUSH": BRUSH}
STEPS = (
    Step("note", StepKind.NOTE, "Ring twice"),
    Step("insert", StepKind.INSERT, "Card", code="CARD-1"),
    Step("look", StepKind.SECOND_LOOK, "FOR ANNA"),
    Step("tape", StepKind.NOTE, "Tape twice", per_box=True),
    Step("danger", StepKind.HAZMAT, "Soap, spa box", skus=("SOAP", "SPA")),
)
WANTS = st.builds(
    Wants,
    steps=st.lists(st.sampled_from(STEPS), unique=True).map(tuple),
    boxes=st.sampled_from([(), (BoxChoice("M", 100, 9000), BoxChoice("XL", 300, allowed=False))]),
    suggested=st.sampled_from([None, "M"]),
    own_box=st.sampled_from([(), ("SOAP",)]),
    weigh=st.booleans(),
    expected=st.just(tuple(Expected(sku, 100.0 + 30 * n, 1.0) for n, sku in enumerate(CODE))),
)
ORDERS = st.builds(
    lambda lines, wants, mode, mates: PackOrder(
        *(1, "1001", "shop", 1, "van", "standard"),
        tuple(replace(line, line_no=n) for n, line in enumerate(lines, 1)),
        time_zone="Europe/Berlin",
        day=goods.TODAY,
        wants=wants,
        mode=mode,
        mates=mates,
    ),
    st.lists(st.sampled_from(LINES), min_size=1, max_size=4, unique_by=lambda line: (line.sku, line.kit_sku)),
    WANTS,
    st.sampled_from((Mode.BLOCK, Mode.BLOCK, Mode.WARN, Mode.VERIFY_ONLY)),
    st.sampled_from(((), (ToteMate("1002", "BRUSH", 1),))),
)
ITEMS = (CREAM, CREAM_CASE, PHONE, SOAP, BRUSH, EITHER, KIT, gs1(CREAM, lot="A1"), gs1(CREAM, lot="OLD"), "A1", "S1")
SITE = ("NEW", "OPEN", "NONE", "M", "XL")
CODES = (
    *ITEMS,
    *(gs1(PHONE, serial="S1"), gs1(CREAM_CASE, lot="B2"), gs1(CREAM, lot="B2", serial="S2"), "B2", "CARD-1"),
    *(f"PPX-{code}" for code in SITE),
    *("PPC-OK", "PPC-YES", "PPC-UNDO", "PPC-UNDO", "PPC-EMPTY", "PPC-PROBLEM", "PPC-FORCE", "PPC-HOLD"),
    *("PPR-DAMAGED", "PPR-UNREADABLE", "PPQ-2", "PPQ-3", "PPQ-1.5", "PPQ-0", "PPO-7", "PPL-VAN", "PPB-ANA"),
    *("4006381333932", CREAM[:9], "NONSENSE", "why not", "TRK00000001", "TRK99999999", "1Z00000001"),
)
FACTS = (
    *(Fact(kind) for kind in (FactKind.SUPERVISOR, FactKind.PARK, FactKind.RESUME)),
    *(Fact(FactKind.WEIGHT, grams=grams) for grams in (100, 290, 800, 20_000)),
    *(Fact(FactKind.LABEL, parcel_id=f"P-{box}", tracking=f"TRK0000000{box}", box=box) for box in (1, 2)),
)
GO_ON = "go on"
HAPPENINGS = st.lists(
    st.tuples(
        st.one_of(st.just(GO_ON), st.just(GO_ON), st.just(GO_ON), st.sampled_from(CODES), st.sampled_from(FACTS)),
        st.sampled_from((0.3, 1.5, 3.0, 40.0)),
    ),
    max_size=80,
)


@dataclass
class Run:
    """A session with its whole log."""

    session: Session
    at: float = NOON
    told: int = 0
    """Units the verdicts say were counted, and not taken out again."""
    log: list[Scan | Fact] = field(default_factory=list)

    def do(self, what: str | Fact, wait: float) -> None:
        """One happening, and what must hold after it."""
        self.at += wait
        before = self.session
        happening = wanted(before, self.at) if what == GO_ON else what
        made = read(happening, CATALOG, at=self.at) if isinstance(happening, str) else happening
        if isinstance(made, Scan):
            self._scanned(made)
        else:
            self.session = apply(before, made)
            taken_out = sum(before.counts) - sum(self.session.counts)
            assert taken_out == 0 or (made.kind is FactKind.WEIGHT and taken_out > 0)
            self.told -= taken_out
        self.log.append(made)
        check(before, self.session, made)
        assert self.told == sum(self.session.counts)

    def _scanned(self, scan: Scan) -> None:
        verdict = judge(self.session, scan)
        if self.session.stop is not None:
            assert verdict.session.counts == self.session.counts
            assert verdict.reason in (Reason.STOPPED, Reason.OK)
        self.told += verdict.units if verdict.reason in COUNTS else 0
        self.session = verdict.session


def wanted(session: Session, at: float) -> str | Fact:
    """What the screen asks for."""
    if session.stop is not None:
        return "PPC-OK"
    if session.phase is Phase.PARKED:
        return Fact(FactKind.RESUME)
    if session.asked is not None:
        return _answer(session, at)
    if session.phase is Phase.PACKING:
        left = [CODE[line.sku] for i, line in enumerate(session.order.lines) if session.open_of(i)]
        return left[int(at) % len(left)] if left else "PPC-OK"
    if session.phase is Phase.STEPS:
        return _step(session)
    if session.phase is Phase.CHECKED:
        box = boxes.box_number(session)
        return Fact(FactKind.LABEL, parcel_id=f"P-{box}", tracking=f"TRK0000000{box}", box=box)
    return session.tracking or "PPC-OK"


def _answer(session: Session, at: float) -> str:
    asked = session.asked
    assert asked is not None
    match asked.kind:
        case AskedKind.LOT:
            return "A1" if units_of(session, asked.sku, "A1") + asked.units <= 4 else "B2"
        case AskedKind.SERIAL:
            return f"S{int(at)}"
        case AskedKind.WHICH:
            return "PPQ-1"
        case AskedKind.OTHER_LOT | AskedKind.OUTSIDE_LABEL:
            return asked.code
        case AskedKind.RELEASE:
            return "looked into it"
    return "PPC-OK"


def _step(session: Session) -> str | Fact:
    step = open_steps(session)[0]
    if step.kind is StepKind.BOX:
        return "PPX-M"
    if step.kind is StepKind.WEIGHT:
        grams = {each.sku: each.grams for each in session.order.wants.expected}
        here = zip(session.order.lines, boxes.present(session), strict=True)
        tare = boxes.choice(session, boxes.chosen(session))
        weight = round(sum(grams[line.sku] * units for line, units in here)) + ((tare and tare.tare_grams) or 0)
        return Fact(FactKind.SUPERVISOR) if session.weighed_off else Fact(FactKind.WEIGHT, grams=weight)
    return step.code or "PPC-YES"


def check(before: Session, after: Session, made: Scan | Fact) -> None:
    """What holds always."""
    lines = after.order.lines
    assert all(0 <= units <= line.quantity for units, line in zip(after.counts, lines, strict=True))
    contents = [sum(units) for units in zip(*(box.contents for box in boxes.all_boxes(after)), strict=True)]
    assert contents == list(after.counts)
    assert min(boxes.present(after), default=0) >= 0
    taken, counted = Counter[str](), Counter[str]()
    for one in after.taken:
        taken[one.sku] += one.units
    for line, units in zip(lines, boxes.present(after), strict=True):
        counted[line.sku] += units
    assert all(taken[sku] >= units for sku, units in counted.items())
    if after.phase in (Phase.CHECKED, Phase.LABEL, Phase.CLOSED):
        assert (after.open_units, open_steps(after)) == (0, ())
    if after.tracking is not None and before.tracking is None:
        assert (before.open_units, open_steps(before)) == (0, ())
    if before.stop is not None and after.stop is None:
        assert isinstance(made, Scan) and made.command is Command.OK
    _captured(after)
    assert unpacked(packed(after)) == after


def _captured(session: Session) -> None:
    """Nothing is captured of what is not there, no serial number twice, no lot more often than it may be."""
    units, serials = Counter[str](), Counter[tuple[str, str]]()
    for one in session.captured:
        assert one.units > 0
        units[one.sku] += one.units
        serials[one.sku, one.serial.casefold()] += bool(one.serial)
    for line in session.order.lines:
        assert units[line.sku] <= sum(
            n for n, x in zip(session.counts, session.order.lines, strict=True) if x.sku == line.sku
        )
    assert max(serials.values(), default=0) <= 1
    of_lot = Counter((one.sku, one.lot) for one in session.captured for _ in range(one.units))
    assert of_lot["CREAM", "OLD"] == 0
    assert of_lot["CREAM", "A1"] <= 4


@settings(max_examples=300, deadline=None)
@given(ORDERS, HAPPENINGS)
def test_whatever_happens_counts_are_what_lies_in_the_boxes_and_no_label_comes_too_early(
    order: PackOrder, happenings: list[tuple[str | Fact, float]]
) -> None:
    run = Run(opened("s", order))
    for what, wait in happenings:
        run.do(what, wait)
    assert replay(opened("s", order), run.log) == run.session
    again = opened("s", order)
    for happening in run.log:
        again = replay(unpacked(packed(again)), [happening])
    assert again == run.session


@settings(max_examples=100, deadline=None)
@given(ORDERS)
def test_an_order_is_packed_to_its_end_by_doing_what_the_screen_asks(order: PackOrder) -> None:
    run = Run(opened("s", order))
    for _ in range(120):
        if run.session.phase is Phase.CLOSED:
            break
        outside = order.mode is Mode.VERIFY_ONLY and run.session.phase is Phase.CHECKED
        run.do("1Z00000001" if outside else GO_ON, 3.0)
    assert (run.session.phase, run.session.open_units) == (Phase.CLOSED, 0)


@given(st.permutations(["CREAM", "SALVE", "SALVE"]), st.sampled_from(["CREAM", "SALVE"]))
def test_of_two_products_with_lots_of_one_name_the_one_that_is_scanned_after_undo_goes(
    packed_in: list[str], out: str
) -> None:
    salve = "SALVE-1"
    both = Catalog.of(
        [*CATALOG.products.values(), replace(CATALOG.products["SOAP"], sku="SALVE", name="Salve")],
        [*(c for codes in CATALOG.codes.values() for c in codes), ProductCode(salve, "SALVE")],
    )
    lines = (cream(3, 1), replace(OrderLine(2, "SALVE", "Salve", "", 3, by_lot=True), lots=goods.LOTS))
    session, at = goods.packing(*lines), NOON
    scans = {"CREAM": (gs1(CREAM, lot="A1"),), "SALVE": (salve, "A1")}
    for code in [code for sku in packed_in for code in scans[sku]] + ["PPC-UNDO", scans[out][0]]:
        at += 3.0
        session = judge(session, read(code, both, at=at)).session
    left = Counter(packed_in) - Counter([out])
    assert session.counts == (left["CREAM"], left["SALVE"])


@given(st.integers(0, 12), st.sampled_from("0123456789"), st.integers(4, 12), st.booleans())
def test_the_items_own_code_misread_is_never_taken_for_its_serial_number(
    place: int, digit: str, length: int, at_the_end: bool
) -> None:
    asked = judge(goods.packing(phone(2)), read(PHONE, CATALOG, at=NOON)).session
    wrong = PHONE[:place] + digit + PHONE[place + 1 :]
    cut = PHONE[-length:] if at_the_end else PHONE[:length]
    for text in {wrong, cut} - {PHONE}:
        verdict = judge(asked, read(text, CATALOG, at=NOON + 3))
        assert (verdict.reason, verdict.session.captured) == (Reason.BAD_READ, ())
        assert judge(verdict.session, read("S1", CATALOG, at=NOON + 6)).reason is Reason.OK


def test_a_label_that_comes_after_a_unit_was_taken_out_and_the_box_put_aside_is_not_for_this_box() -> None:
    run = Run(goods.packing(soap(1)))
    late = Fact(FactKind.LABEL, parcel_id="P-1", tracking="TRK00000001")
    for what in (SOAP, "PPC-UNDO", "PPC-UNDO", Fact(FactKind.PARK), late, Fact(FactKind.RESUME)):
        run.do(what, 3.0)
    assert (run.session.phase, run.session.tracking) == (Phase.PACKING, None)
    run.do(SOAP, 3.0)
    run.do(late, 3.0)
    assert run.session.phase is Phase.LABEL
