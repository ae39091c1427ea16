"""What must be true before a label, kept by the server: notes, second looks, dangerous goods, boxes and weights."""

import pytest
from sqlalchemy import select, update

from server.db import tables
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.masterdata.catalog import BoxType
from server.domain.packing.session import FactKind, Phase
from server.trade.orders import IncomingOrder, ShipTo, SoldLine
from server.usecases.masterdata import handling
from server.usecases.masterdata.boxes import BoxChange, set_box
from server.usecases.masterdata.catalogue import put_box
from server.usecases.masterdata.handling import Handling
from server.usecases.sales.intake import take_order
from tests.floor import BOSS, BRUSH, MUG, SOAP, Bench, Dock, Floor, one_engine


def with_boxes(floor: Floor) -> None:
    """Two box types, and a soap that has a size."""
    put_box(floor.db, BOSS, BoxType("S", "Small", (200, 150, 100), 90))
    put_box(floor.db, BOSS, BoxType("M", "Medium", (300, 220, 150), 160))


def first_box_gone(floor: Floor) -> tuple[str, Bench, list[str]]:
    """An order in two boxes, the first has left: its number, its bench, both labels."""
    with_boxes(floor)
    order, bench = floor.order(("SOAP", 1), ("BRUSH", 1)), floor.bench("Bench 1")
    bench.open(order)
    for code in (SOAP, "PPX-NEW", "PPX-S", BRUSH, "PPX-M"):
        bench.scan(code)
    labels = []
    for _ in range(2):
        labels.append(bench.buy().tracking)
        bench.scan(labels[-1])
    bench.send()
    dock = Dock.at(bench)
    dock.scan(labels[0])
    bench.close_load(dock.load.load_id, 1)
    return order, bench, labels


def texts(floor: Floor, number: str, **texts: object) -> None:
    """The channel said this with the order."""
    with floor.db.engine.begin() as connection:
        t = tables.recipient
        connection.execute(update(t).where(t.c.order_id == floor.order_id(number)).values(texts=texts))


def parcels(floor: Floor) -> list[tuple[int, str, int | None, object]]:
    """(box, state, grams, contents) of every parcel."""
    with floor.db.read() as connection:
        rows = connection.execute(select(tables.parcel).order_by(tables.parcel.c.number))
        return [(row.box_no, row.state, row.weight_grams, row.contents) for row in rows]


def refused(bench: Bench) -> DomainError:
    """Why no label is bought."""
    with pytest.raises(DomainError) as refusal:
        bench.buy()
    assert refusal.value.facts["bought"] == "not_bought"
    return refusal.value


def test_two_boxes_have_two_labels_and_the_order_is_packed_with_the_second(floor: Floor) -> None:
    with_boxes(floor)
    bench = floor.bench("Bench 1")
    number = floor.order(("SOAP", 2), ("MUG", 1))
    bench.open(number)
    for code in (SOAP, SOAP, "PPX-NEW", "PPX-S", MUG, "PPX-M"):
        assert bench.scan(code) is Reason.OK
    first = bench.buy()
    assert bench.buy() == first
    assert (first.label.box, first.label.boxes, first.label.weight_grams) == (1, 2, 2 * 120 + 90)
    assert bench.scan(first.tracking) is Reason.OK
    bench.send()
    assert floor.status(number) == "packing"
    second = bench.buy()
    assert (second.label.box, second.label.boxes, second.label.weight_grams) == (2, 2, 300 + 160)
    assert second.tracking != first.tracking
    assert bench.scan(first.tracking) is Reason.ALREADY_DONE
    assert bench.scan(second.tracking) is Reason.OK
    bench.send()
    assert floor.status(number) == "packed"
    assert parcels(floor) == [(1, "ready", 330, {"SOAP": 2}), (2, "ready", 460, {"MUG": 1})]


def test_an_order_whose_boxes_leave_on_two_trucks_ships_its_units_once(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    number = floor.order(("SOAP", 1), ("MUG", 1))
    bench.open(number)
    for code in (SOAP, "PPX-NEW", MUG):
        bench.scan(code)
    labels = []
    for _ in range(2):
        labels.append(bench.buy())
        bench.scan(labels[-1].tracking)
    bench.send()

    for label in labels:
        dock = Dock.at(bench)
        assert dock.scan(label.tracking).reason is Reason.OK
        bench.close_load(dock.load.load_id, 1)
        assert floor.status(number) == "shipped"
    assert (floor.stock("SOAP"), floor.stock("MUG")) == ((99, 0), (99, 0))


@one_engine
def test_a_label_is_refused_until_the_second_look_and_every_note_are_confirmed(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    number = floor.order(("SOAP", 1))
    texts(floor, number, gift="Enjoy\x1b[2J!", personal={"1": "For\tANNA \u202e"})
    handling.add_note(floor.db, BOSS, number, "order", "Ring twice")
    bench.open(number)
    bench.scan(SOAP)
    assert bench.session is not None
    asked = [(step.kind.value, step.text) for step in bench.session.order.wants.steps]
    assert asked == [("second_look", "For ANNA"), ("note", "Ring twice"), ("gift", "Enjoy [2J!")]
    for left in ("second_look, note, gift", "note, gift", "gift"):
        refusal = refused(bench)
        assert (refusal.code, refusal.facts["open_steps"]) == ("not_packed", left)
        assert bench.scan("PPC-YES") is Reason.OK
    assert bench.buy().tracking


@one_engine
def test_a_bench_that_lies_about_a_confirmation_gets_no_label(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    number = floor.order(("SOAP", 1))
    handling.add_note(floor.db, BOSS, number, "shipment", "Ring twice")
    bench.open(number)
    bench.scan("PPC-YES", reason=Reason.OK)
    bench.scan(SOAP)
    assert refused(bench).facts["open_steps"] == "note"


@one_engine
def test_dangerous_goods_go_only_with_the_services_that_may_take_them(floor: Floor) -> None:
    handling.set_handling(floor.db, BOSS, "SOAP", Handling(hazmat=True, hazmat_services=["own-van/express"]))
    bench = floor.bench("Bench 1")
    steps = bench.open(floor.order(("SOAP", 1))).order.wants.steps
    assert [(step.text, step.skus) for step in steps] == [("Soap bar", ("SOAP",))]
    bench.scan(SOAP)
    assert refused(bench).facts["open_steps"] == "hazmat"
    assert bench.scan("PPC-YES") is Reason.OK
    refusal = refused(bench)
    assert (refusal.code, refusal.detail) == ("hazmat", "Soap bar may not go with own-van standard")
    assert parcels(floor) == []
    handling.set_handling(floor.db, BOSS, "SOAP", Handling(hazmat_services=["own-van"]))
    assert bench.buy().tracking


@one_engine
def test_a_packing_profile_and_material_are_known_before_the_first_scan_and_its_insert_is_confirmed(
    floor: Floor,
) -> None:
    handling.put_insert(floor.db, BOSS, "gift-shop", "Thank-you card", "CARD-1")
    change = Handling(note="Wrap each bar", material="Tissue paper")
    handling.set_handling(floor.db, BOSS, "SOAP", change)
    bench = floor.bench("Bench 1")
    number = floor.order(("SOAP", 1))
    floor.set_order(number, packing_profile="gift-shop")
    wants = bench.open(number).order.wants
    assert wants.profile == "gift-shop"
    assert wants.prepare == ("Tissue paper", "Soap bar LAVENDER: Wrap each bar")
    bench.scan(SOAP)
    assert refused(bench).facts["open_steps"] == "insert"
    assert bench.scan("CARD-1") is Reason.OK
    assert bench.buy().tracking


@one_engine
def test_a_box_is_preselected_when_all_sizes_are_known_and_asked_when_not(floor: Floor) -> None:
    with_boxes(floor)
    handling.set_handling(floor.db, BOSS, "SOAP", Handling(size_mm=(90, 60, 40)))
    handling.set_handling(floor.db, BOSS, "MUG", Handling(own_box=True))
    set_box(floor.db, BOSS, "S", BoxChange(carriers=["city-bikes"]))
    bench = floor.bench("Bench 1")
    assert bench.open(floor.order(("SOAP", 4))).order.wants.suggested == "M"
    assert bench.open(floor.order(("SOAP", 4), carrier="city-bikes")).order.wants.suggested == "S"
    assert bench.open(floor.order(("MUG", 1))).order.wants.suggested == "NONE"
    bench.open(floor.order(("BRUSH", 1)))
    bench.scan(BRUSH)
    assert refused(bench).facts["open_steps"] == "box"
    assert bench.scan("PPX-S") is Reason.BOX_NOT_ALLOWED
    assert bench.scan("PPX-M") is Reason.OK
    assert bench.buy().label.weight_grams == 80 + 160


def weighed(bench: Bench, number: str, *codes: str, grams: int) -> None:
    """Pack an order in a small box that is weighed; its label is not bought yet."""
    bench.open(number, scale=True)
    for code in (*codes, "PPX-S"):
        bench.scan(code)
    bench.fact(FactKind.WEIGHT, grams=grams)
    bench.send()


def test_what_a_unit_weighs_is_learned_from_boxes_and_a_missing_one_is_named(floor: Floor) -> None:
    with_boxes(floor)
    bench = floor.bench("Bench 1")
    for grams in (2 * 121 + 90, 2 * 123 + 90, 2 * 122 + 90):
        weighed(bench, floor.order(("SOAP", 2)), SOAP, SOAP, grams=grams)
        label = bench.buy()
        assert label.label.weight_grams == grams
        bench.scan(label.tracking)
        bench.send()
    number = floor.order(("SOAP", 2), ("MUG", 1))
    weighed(bench, number, SOAP, SOAP, MUG, grams=90 + 122 + 300)
    assert bench.session is not None
    learned = next(each for each in bench.session.order.wants.expected if each.sku == "SOAP")
    assert learned.grams == pytest.approx(122)
    assert learned.spread == pytest.approx(1.0)
    trouble = bench.session.weighed_off
    assert trouble is not None
    assert (trouble.off, trouble.sku, trouble.units, bench.session.counts) == (-122, "SOAP", 1, (0, 1))
    assert refused(bench).facts["open_units"] == 2


def test_only_a_supervisor_lets_a_weight_pass_and_the_reason_is_on_record(floor: Floor) -> None:
    with_boxes(floor)
    bench = floor.bench("Bench 1")
    number = floor.order(("SOAP", 1))
    weighed(bench, number, SOAP, grams=1000)
    bench.fact(FactKind.SUPERVISOR, "supervisor")
    assert bench.scan("wet carton") is Reason.OK
    assert bench.session is not None
    assert bench.session.phase is Phase.CHECKED
    assert bench.buy().label.weight_grams == 1000
    assert len(floor.audited("box.weight_released")) == 1


def test_a_bench_where_somebody_else_lets_a_weight_pass_is_stopped(floor: Floor) -> None:
    with_boxes(floor)
    bench = floor.bench("Bench 1")
    weighed(bench, floor.order(("SOAP", 1)), SOAP, grams=1000)
    bench.fact(FactKind.SUPERVISOR, "packer")
    assert bench.send().stop is Reason.STOPPED
    assert "no supervisor" in floor.incidents("verdicts_differ")[0]


@one_engine
def test_a_gift_message_and_a_personal_text_reach_the_packer_as_the_channel_sent_them(floor: Floor) -> None:
    order = IncomingOrder(
        order_id="G-1",
        placed_at=floor.db.now(),
        paid=True,
        currency="USD",
        ship_by=None,
        carrier="own-van",
        service="standard",
        note="",
        gift_message="All the best\0",
        ship_to=ShipTo(name="Zoe", lines=("7 Lane",), city="Springfield", postcode="94107", country="US"),
        lines=(SoldLine(sku="MUG", quantity=1), SoldLine(sku="SOAP", quantity=1, personalisation="Anna")),
    )
    number = take_order(floor.db, BOSS, "shop", order).order
    steps = floor.bench("Bench 1").open(number).order.wants.steps
    assert [(step.kind.value, step.text, step.item, step.skus) for step in steps] == [
        ("second_look", "Anna", "Soap bar LAVENDER", ("SOAP",)),
        ("gift", "All the best", "", ()),
    ]


@one_engine
def test_the_codes_that_mean_something_of_a_box_are_no_box_types(floor: Floor) -> None:
    for code in ("NEW", "OPEN", "NONE"):
        with pytest.raises(DomainError, match="mean something else"):
            put_box(floor.db, BOSS, BoxType(code, "A box"))
