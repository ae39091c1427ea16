"""Lots and serial numbers over the real routes: the book follows what lies in the box."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from server.db import away, tables
from server.domain.benchwork.reasons import Reason
from server.domain.booking.lots import Incoming, day_in
from server.domain.errors import DomainError
from server.domain.masterdata.catalog import Product
from server.usecases.benchwork.opening import release_order
from server.usecases.masterdata.catalogue import CodeEntry, put_product
from server.usecases.masterdata.lookalikes import group
from server.usecases.masterdata.masters import Described, describe
from server.usecases.masterdata.paper_style import PaperStyle
from server.usecases.masterdata.paper_styles import set_style
from server.usecases.record.timeline import timeline
from server.usecases.sales.cancel import cancel_order
from server.usecases.sales.policies import set_life
from server.usecases.tracking.finding import story
from server.usecases.warehouse.goods import set_tracking
from server.usecases.warehouse.receiving import receive_goods, take_back
from tests.floor import BOSS, SOAP, Bench, Dock, Floor, one_engine
from tests.goods import check_conserved

CREAM, PHONE = "4006381333979", "4006381333986"
NEAR, FAR = "2999-06-30", "2999-12-31"


@pytest.fixture
def goods(floor: Floor) -> Floor:
    """Also two of cream of lot A1, three of lot B2 (which expires later), and three phones with serial numbers."""
    for sku, code in (("CREAM", CREAM), ("PHONE", PHONE)):
        put_product(floor.db, BOSS, Product(sku, sku.title()), [CodeEntry(code)])
    set_tracking(floor.db, BOSS, "CREAM", lots=True, expiry=True)
    set_tracking(floor.db, BOSS, "PHONE", lots=False, serials=True)
    lots = [Incoming("CREAM", 2, "A1", NEAR), Incoming("CREAM", 3, "B2", FAR)]
    receive_goods(floor.db, BOSS, "EAST", [*lots, Incoming("PHONE", 3, serials=("SN1", "SN2", "SN3"))])
    return floor


def gs1(code: str, *, lot: str = "", serial: str = "") -> str:
    return f"]d201{code:0>14}" + (f"10{lot}" if lot else f"21{serial}")


def lots(floor: Floor) -> dict[str, tuple[int, int]]:
    """(on hand, reserved) of each lot of cream."""
    t = tables.stock
    with floor.db.read() as connection:
        rows = connection.execute(select(t).where(t.c.sku == "CREAM", t.c.lot != "")).all()
        return {row.lot: (row.on_hand, row.reserved) for row in rows}


def serials(floor: Floor) -> dict[str, tuple[str, int | None]]:
    """State and order of each phone."""
    t = tables.serial_unit
    with floor.db.read() as connection:
        return {row.serial: (row.state, row.order_id) for row in connection.execute(select(t).order_by(t.c.serial))}


def in_box(floor: Floor, lot: str) -> int:
    """Units of a lot of cream that no one who counts the shelf can see."""
    with floor.db.read() as connection:
        site = connection.execute(select(tables.site.c.id).where(tables.site.c.code == "EAST")).scalar_one()
        return away.units_away(connection, ("CREAM", site, lot))


def packed(bench: Bench, number: str, codes: Sequence[str]) -> str:
    """Pack the order; the number of its parcel."""
    bench.open(number)
    for n, code in enumerate(codes):
        bench.scan(code, later=3.0 * n)
    label = bench.buy()
    assert bench.scan(label.tracking) is Reason.OK
    assert bench.send().stop is None
    return label.tracking


def test_a_bench_is_told_the_lots_promised_and_the_others_that_lie_there(goods: Floor) -> None:
    bench = goods.bench("Bench 1")
    line = bench.open(goods.order(("CREAM", 1))).order.lines[0]
    told = [(one.lot, one.expires_on, one.reserved, one.free) for one in line.lots]
    assert (line.by_lot, told) == (True, [("A1", NEAR, 1, 1), ("B2", FAR, 0, 3)])


def test_the_lot_in_the_box_is_the_lot_that_ships(goods: Floor) -> None:
    bench = goods.bench("Bench 1")
    number = goods.order(("CREAM", 2))
    assert lots(goods) == {"A1": (2, 2), "B2": (3, 0)}
    code = gs1(CREAM, lot="B2")
    tracking = packed(bench, number, (code, code, gs1(CREAM, lot="A1")))
    assert lots(goods) == {"A1": (2, 1), "B2": (3, 1)}
    assert goods.audited("order.lot_moved") == [("Packer Person", "Bench 1")]
    dock = Dock.at(goods.bench("Dock 1"))
    dock.scan(tracking)
    dock.bench.close_load(dock.load.load_id, 1)
    assert lots(goods) == {"A1": (1, 0), "B2": (2, 0)}
    check_conserved(goods.db)


def test_the_same_scans_twice_move_a_promise_once(goods: Floor) -> None:
    bench = goods.bench("Bench 1")
    bench.open(goods.order(("CREAM", 2)))
    for later in (0.0, 3.0):
        bench.scan(gs1(CREAM, lot="B2"), later=later)
    sent = list(bench.unsent)
    bench.send_raw(sent)
    bench.send_raw(sent)
    assert lots(goods) == {"A1": (2, 1), "B2": (3, 1)}
    assert (in_box(goods, "A1"), in_box(goods, "B2")) == (0, 1)


def test_a_lot_that_was_promised_to_others_meanwhile_ships_with_an_incident_and_nothing_falls_below_zero(
    goods: Floor,
) -> None:
    bench = goods.bench("Bench 1")
    bench.open(goods.order(("CREAM", 2)))
    goods.order(("CREAM", 3))
    for later in (0.0, 3.0):
        bench.scan(gs1(CREAM, lot="B2"), later=later)
    bench.send()
    assert lots(goods) == {"A1": (2, 2), "B2": (3, 3)}
    assert ["lot B2" in cause for cause in goods.incidents("lot_moved")] == [True]
    assert bench.send().stop is None


def test_serial_numbers_belong_to_the_order_in_whose_box_they_are(goods: Floor) -> None:
    bench = goods.bench("Bench 1")
    number = goods.order(("PHONE", 1))
    tracking = packed(bench, number, (PHONE, "SN2"))
    assert serials(goods)["SN2"] == ("packed", goods.order_id(number))
    dock = Dock.at(goods.bench("Dock 1"))
    dock.scan(tracking)
    dock.bench.close_load(dock.load.load_id, 1)
    assert serials(goods)["SN2"] == ("shipped", goods.order_id(number))
    assert serials(goods)["SN1"] == ("in_stock", None)


@one_engine
def test_the_paper_and_the_book_say_in_which_box_each_serial_number_lies(goods: Floor) -> None:
    bench = goods.bench("Bench 1")
    set_style(goods.db, BOSS, "shop", PaperStyle(box_contents=True))
    bench.open(goods.order(("PHONE", 3), ("CREAM", 1)))
    one, two, three, nine = (gs1(PHONE, serial=f"SN{n}") for n in (1, 2, 3, 9))
    out, cream = ("PPC-UNDO", "PPC-UNDO"), gs1(CREAM, lot="A1")
    for n, code in enumerate((one, two, "send", *out, "PPX-NEW", three, *out, two, nine, cream)):
        bench.send() if code == "send" else bench.scan(code, later=3.0 * n)
    papers = []
    for _ in range(2):
        label = bench.buy()
        assert label.papers.box_contents is not None
        papers.append([(line.sku, line.units, line.lot) for line in label.papers.box_contents.lines])
        bench.scan(label.tracking)
    assert papers == [[("PHONE", 1, "serial SN1")], [("PHONE", 2, "serial SN2, SN9"), ("CREAM", 1, "lot A1")]]
    t = tables.serial_unit
    with goods.db.read() as connection:
        kept = connection.execute(select(t.c.serial, t.c.box_no).order_by(t.c.serial)).all()
    assert [tuple(row) for row in kept] == [("SN1", 1), ("SN2", 2), ("SN3", None), ("SN9", 2)]
    assert bench.send().stop is None
    assert len(goods.audited("order.serials")) == 1


def test_a_serial_number_of_another_box_stops_the_second_and_its_label_is_refused(goods: Floor) -> None:
    bench, other = goods.bench("Bench 1"), goods.bench("Bench 2")
    packed(bench, goods.order(("PHONE", 1)), (gs1(PHONE, serial="SN1"),))
    other.open(goods.order(("PHONE", 1)))
    assert other.scan(gs1(PHONE, serial="SN1")) is Reason.OK
    answer = other.send()
    assert (answer.stop, "SN1" in answer.stop_detail) == (Reason.DUPLICATE_SERIAL, True)
    assert len(goods.incidents("serial_twice")) == 1
    assert goods.count("parcel") == 1


@one_engine
def test_a_serial_number_leads_to_its_order_and_parcel_also_when_the_unit_came_back(goods: Floor) -> None:
    put_product(goods.db, BOSS, Product("CAMERA", "Camera"))
    set_tracking(goods.db, BOSS, "CAMERA", lots=False, serials=True)
    receive_goods(goods.db, BOSS, "EAST", [Incoming("CAMERA", 1, serials=("SN3",))])
    number = goods.order(("PHONE", 2), ("SOAP", 1))
    bench = goods.bench("Bench 1")
    bench.open(number)
    for n, code in enumerate((gs1(PHONE, serial="SN1"), "PPX-NEW", SOAP, gs1(PHONE, serial="SN2"))):
        bench.scan(code, later=3.0 * n)
    tracking = []
    for _ in range(2):
        tracking.append(bench.buy().tracking)
        bench.scan(tracking[-1])
    bench.send()
    with goods.db.read() as connection:
        found = [story(connection, ref) for ref in ("SN1", "sn2", "PHONE:SN2")]
        assert [(one.order, one.tracking, one.serials) for one in found] == [
            (number, tracking[0], ("SN1",)),
            (number, tracking[1], ("SN2",)),
            (number, tracking[1], ("SN2",)),
        ]
        assert timeline(connection, "SN1") == timeline(connection, f"#{number}")
        # (what is asked, what the answer says)
        for ref, why in [
            ("SN3", "PHONE:SN3"),
            ("PHONE:SN3", "in no order"),
            ("SN9", "no parcel"),
            ("X\0", "no parcel"),
        ]:
            with pytest.raises(DomainError, match=why):
                story(connection, ref)
    dock = Dock.at(goods.bench("Dock 1"))
    for each in tracking:
        dock.scan(each)
    dock.bench.close_load(dock.load.load_id, 2)
    back = [Incoming("PHONE", 1, serials=("SN2",))]
    take_back(goods.db, BOSS, "EAST", back, order_id=goods.order_id(number), reason="faulty")
    with goods.db.read() as connection:
        assert story(connection, "SN2").tracking == tracking[1]


@one_engine
def test_a_serial_number_scanned_with_caps_lock_on_is_the_same_unit_in_the_book(goods: Floor) -> None:
    bench, other = goods.bench("Bench 1"), goods.bench("Bench 2")
    packed(bench, goods.order(("PHONE", 1)), (PHONE, "sn1"))
    assert {serial: state for serial, (state, _) in serials(goods).items()}["SN1"] == "packed"
    assert len(serials(goods)) == 3
    other.open(goods.order(("PHONE", 1)))
    other.scan(gs1(PHONE, serial="SN1"))
    assert other.send().stop is Reason.DUPLICATE_SERIAL


def test_a_unit_taken_out_again_may_go_into_another_box(goods: Floor) -> None:
    bench, other = goods.bench("Bench 1"), goods.bench("Bench 2")
    bench.open(goods.order(("PHONE", 2)))
    bench.scan(gs1(PHONE, serial="SN1"))
    bench.send()
    for later in (3.0, 6.0):
        bench.scan("PPC-UNDO", later=later)
    bench.send()
    assert serials(goods)["SN1"] == ("in_stock", None)
    packed(other, goods.order(("PHONE", 1)), (gs1(PHONE, serial="SN1"),))


def test_a_unit_of_a_cancelled_box_may_go_into_another(goods: Floor) -> None:
    bench, other = goods.bench("Bench 1"), goods.bench("Bench 2")
    gone = goods.order(("PHONE", 1))
    bench.open(gone)
    bench.scan(gs1(PHONE, serial="SN1"))
    bench.send()
    cancel_order(goods.db, BOSS, goods.order_id(gone))
    assert serials(goods)["SN1"] == ("in_stock", None)
    packed(other, goods.order(("PHONE", 1)), (gs1(PHONE, serial="SN1"),))
    assert goods.incidents("serial_twice") == []


def test_an_order_released_and_packed_again_keeps_only_the_units_of_its_last_box(goods: Floor) -> None:
    bench, other = goods.bench("Bench 1"), goods.bench("Bench 2")
    number = goods.order(("PHONE", 1))
    bench.open(number)
    bench.scan(gs1(PHONE, serial="SN1"))
    bench.send()
    release_order(goods.db, BOSS, goods.order_id(number))
    packed(other, number, (gs1(PHONE, serial="SN2"),))
    states = {serial: state for serial, (state, _) in serials(goods).items()}
    assert states == {"SN1": "in_stock", "SN2": "packed", "SN3": "in_stock"}


def test_a_bench_that_lost_its_disk_knows_its_lots_again(goods: Floor) -> None:
    bench = goods.bench("Bench 1")
    number = goods.order(("CREAM", 2))
    bench.open(number)
    bench.scan(gs1(CREAM, lot="A1"))
    bench.send()
    before = bench.session
    bench.open(number)
    assert before is not None and bench.session is not None
    assert bench.session.captured == before.captured


def test_how_long_goods_must_live_and_whether_they_may_be_typed_reach_the_bench(goods: Floor) -> None:
    bench = goods.bench("Bench 1")
    describe(goods.db, BOSS, "CREAM", Described(life_days=30, typed_quantity=True))
    first = bench.open(goods.order(("CREAM", 1))).order.lines[0]
    set_life(goods.db, BOSS, "shop", 90)
    second = goods.bench("Bench 2").open(goods.order(("CREAM", 1), ("SOAP", 1))).order
    describe(goods.db, BOSS, "CREAM", Described(life_days=-1))
    set_life(goods.db, BOSS, "shop", -1)
    third = goods.bench("Bench 3").open(goods.order(("CREAM", 1))).order.lines[0]
    assert (first.life_days, first.typed_quantity, third.life_days) == (30, True, None)
    assert [(line.life_days, line.typed_quantity) for line in second.lines] == [(90, True), (90, False)]


def test_a_bench_is_told_the_day_at_its_site_and_the_day_of_delivery(goods: Floor) -> None:
    number = goods.order(("SOAP", 1))
    goods.set_order(number, deliver_by=1_800_000_000.0)
    order = goods.bench("Bench 1").open(number).order
    assert (order.time_zone, order.deliver_by) == ("America/Los_Angeles", "2027-01-15")
    assert order.day == day_in(goods.db.now(), "America/Los_Angeles").isoformat()


def test_what_tells_a_look_alike_apart_and_every_barcode_reach_the_bench(goods: Floor) -> None:
    put_product(goods.db, BOSS, Product("SOAP2", "Soap bar", "ROSE"))
    group(goods.db, BOSS, "soaps", ["SOAP", "SOAP2"])
    line = goods.bench("Bench 1").open(goods.order(("SOAP", 1))).order.lines[0]
    assert (line.differs_by, len(line.codes)) == ("LAVENDER", 2)


@pytest.mark.parametrize("days", [-2, 3651])
def test_lives_that_cannot_be_are_refused(goods: Floor, days: int) -> None:
    with pytest.raises(DomainError, match="expected 0 to 3650"):
        set_life(goods.db, BOSS, "shop", days)
    with pytest.raises(DomainError, match="expected 0 to 3650"):
        describe(goods.db, BOSS, "CREAM", Described(life_days=days))
