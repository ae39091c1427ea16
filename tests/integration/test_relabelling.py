"""Another label for one box: nothing is unpacked, one label lives, the old number goes nowhere (LBL-02, CAN-03)."""

import json

import pytest
from sqlalchemy import select

from printing.kinds import write
from server import wire
from server.calls.troubles import Away, Refused
from server.carriers import Capabilities
from server.db import orders, tables
from server.db.transaction import transaction
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.packing.session import Phase
from server.domain.people import Role
from server.domain.sales.refunds import RefundReason
from server.simulated.carriers.easypost_book import zpl
from server.trade.orders import ShipTo
from server.usecases.record.incidents import open_incident
from server.usecases.routes.overriding import override
from server.usecases.sales.cancel import cancel_order
from server.usecases.sales.changing import change_address
from server.usecases.sales.payments import flag_fraud
from server.usecases.sales.refunding import left_to_refund, refund_order
from server.usecases.shipping import voiding
from server.usecases.shipping.relabelling import relabel, void_label
from server.usecases.tracking.inbox import tell
from server.usecases.tracking.settling import settle
from server.usecases.tracking.watching import look
from server.usecases.warehouse import putting_back
from tests.carriers import easypost_behind, shippable
from tests.floor import BOSS, BRUSH, MUG, SOAP, Bench, Dock, Floor, one_engine
from tests.integration.test_boxes_and_steps import first_box_gone, with_boxes
from tests.integration.test_labels import MeteredCarrier, checked, serve_all

pytestmark = one_engine
MOVED = ShipTo(name="Zoe Quill", lines=("9 Other Road",), city="Portland", postcode="97204", country="US")


def numbers(floor: Floor, order: str) -> list[tuple[str | None, str]]:
    """(tracking, state) of every label of an order."""
    with floor.db.read() as connection:
        t = tables.parcel
        rows = connection.execute(select(t).where(t.c.order_id == floor.order_id(order)).order_by(t.c.number))
        return [(row.tracking, row.state) for row in rows]


def delivered(tracking: str) -> bytes:
    """Somebody of the office says so."""
    event = {"tracking": tracking, "at": "2030-01-01T12:00:00Z", "status": "delivered"}
    return json.dumps({"source": "courier", "events": [event]}).encode()


def goes_on(bench: Bench, order: str) -> str:
    """Open the order, get its label without scanning any item, put it on; the new number."""
    bench.open(order)
    assert bench.session is not None and bench.session.open_units == 0, "everything is verified still"
    label = bench.buy()
    assert bench.scan(label.tracking) is Reason.OK
    bench.send()
    return label.tracking


def test_a_packed_box_gets_another_label_at_any_bench_without_being_unpacked(floor: Floor) -> None:
    order = floor.order(("SOAP", 1), ("MUG", 1))
    old = floor.bench("Bench 1").pack(order, SOAP, MUG)
    assert relabel(floor.db, BOSS, old.tracking, "wrong service") == order
    assert floor.status(order) == "ready"
    (cause,) = floor.incidents("relabel")
    assert cause == f"order {order} gets another label (wrong service): open it at a bench and put the new label on"
    fresh = goes_on(floor.bench("Bench 2"), order)
    assert numbers(floor, order) == [(old.tracking, "cancelled"), (fresh, "ready")]
    assert (floor.status(order), floor.incidents("relabel"), floor.stock("SOAP")) == ("packed", [], (100, 1))
    with pytest.raises(DomainError, match="is void already"):
        relabel(floor.db, BOSS, old.parcel_id, "once more")


def test_a_supervisor_at_a_bench_voids_a_label_by_what_its_barcode_reads_and_nobody_else_may(floor: Floor) -> None:
    order, bench = floor.order(("SOAP", 1)), floor.bench("Bench 1")
    old = bench.pack(order, SOAP)
    asked = {who: asking(floor, who) for who in ("packer", "supervisor")}
    path = f"/api/parcels/{old.tracking[:6]} {old.tracking[6:].lower()}/relabel"
    with pytest.raises(DomainError, match="expected one of the roles"):
        bench.ask("POST", path, wire.RelabelAnswer, asked["packer"])
    with pytest.raises(DomainError, match="at this site"):
        floor.bench("Far", "WEST").ask("POST", path, wire.RelabelAnswer, asked["supervisor"])
    assert numbers(floor, order) == [(old.tracking, "ready")]
    for _ in ("asked", "and again, its answer was lost"):
        assert bench.ask("POST", path, wire.RelabelAnswer, asked["supervisor"]).number == order
    assert floor.audited("order.relabel") == [("Supervisor Person", "Bench 1")]
    fresh = goes_on(bench, order)
    assert numbers(floor, order) == [(old.tracking, "cancelled"), (fresh, "ready")]
    with pytest.raises(DomainError, match="is void already"):
        bench.ask("POST", path, wire.RelabelAnswer, asked["supervisor"])


def asking(floor: Floor, who: str) -> wire.RelabelRequest:
    return wire.RelabelRequest(person_id=floor.people["packer"], supervisor=floor.people[who], why="wrong address")


def test_a_label_bought_and_not_yet_scanned_is_replaced_while_its_bench_stops(floor: Floor) -> None:
    order, bench = floor.order(("SOAP", 1)), floor.bench("Bench 1")
    bench.open(order)
    bench.scan(SOAP)
    old = bench.buy()
    relabel(floor.db, BOSS, old.parcel_id, "wrong service")
    bench.scan(old.tracking)
    assert bench.send().stop is Reason.CHANGED
    fresh = goes_on(bench, order)
    assert numbers(floor, order) == [(old.tracking, "cancelled"), (fresh, "ready")]


def test_one_box_of_several_gets_another_label_and_the_others_keep_theirs(floor: Floor) -> None:
    with_boxes(floor)
    order, bench = floor.order(("SOAP", 1), ("BRUSH", 1)), floor.bench("Bench 1")
    bench.open(order)
    for code in (SOAP, "PPX-NEW", "PPX-S", BRUSH, "PPX-M"):
        assert bench.scan(code) is Reason.OK
    first = bench.buy()
    bench.scan(first.tracking)
    second = bench.buy()
    bench.scan(second.tracking)
    bench.send()
    assert floor.status(order) == "packed"
    dock = Dock.at(bench)
    dock.scan(second.tracking)
    relabel(floor.db, BOSS, first.parcel_id, "torn and unreadable")
    assert [each.tracking for each in Dock.at(bench).load.cancelled_on] == [second.tracking], "it waits for the other"
    bench.open(order)
    fresh = bench.buy()
    assert bench.scan(fresh.tracking) is Reason.OK
    bench.send()
    assert bench.session is not None and bench.session.phase is Phase.CLOSED, "the other label is on its box already"
    states = {(first.tracking, "cancelled"), (second.tracking, "ready"), (fresh.tracking, "ready")}
    assert (set(numbers(floor, order)), floor.status(order)) == (states, "packed")
    load = Dock.at(bench).load
    assert (load.cancelled_on, {p.tracking for p in load.missing}) == ((), {second.tracking, fresh.tracking})
    relabel(floor.db, BOSS, second.parcel_id, "and the other one")
    again = goes_on(floor.bench("Bench 2"), order)
    states = {(second.tracking, "cancelled"), (fresh.tracking, "ready"), (again, "ready")}
    assert (states <= set(numbers(floor, order)), floor.status(order)) == (True, "packed")


def test_a_label_on_the_first_box_stays_while_the_second_gets_another_before_it_was_scanned(floor: Floor) -> None:
    with_boxes(floor)
    order, bench = floor.order(("SOAP", 1), ("BRUSH", 1)), floor.bench("Bench 1")
    bench.open(order)
    for code in (SOAP, "PPX-NEW", "PPX-S", BRUSH, "PPX-M"):
        bench.scan(code)
    first = bench.buy()
    bench.scan(first.tracking)
    second = bench.buy()
    relabel(floor.db, BOSS, second.parcel_id, "wrong service")
    fresh = goes_on(floor.bench("Bench 2"), order)
    states = [(first.tracking, "ready"), (second.tracking, "cancelled"), (fresh, "ready")]
    assert (numbers(floor, order), floor.status(order)) == (states, "packed")


@pytest.mark.parametrize("relabelled", [False, True])
def test_what_lies_in_a_box_that_is_still_here_is_not_paid_back(floor: Floor, relabelled: bool) -> None:
    order, bench, labels = first_box_gone(floor)
    if relabelled:
        relabel(floor.db, BOSS, labels[1], "torn")
    ref = floor.order_id(order)
    with pytest.raises(DomainError, match="line 2: expected 1 to 0 units that left"):
        refund_order(floor.db, BOSS, ref, {2: 1}, RefundReason.DAMAGED)
    with transaction(floor.db, BOSS, "test") as tx:
        assert left_to_refund(tx, orders.lock(tx, ref)) == {1: 1, 2: 0}
    if relabelled:
        goes_on(bench, order)
    dock = Dock.at(bench)
    dock.scan(numbers(floor, order)[-1][0] or "")
    bench.close_load(dock.load.load_id, 1)
    assert refund_order(floor.db, BOSS, ref, {}, RefundReason.LOST) == 2, "the brush has left too"


@pytest.mark.parametrize("stage", ["at the dock", "relabelled", "at a bench"])
def test_a_box_that_stayed_behind_is_kept_back_while_fraud_is_suspected(floor: Floor, stage: str) -> None:
    order, bench, labels = first_box_gone(floor)
    other = floor.bench("Bench 2")
    if stage != "at the dock":
        relabel(floor.db, BOSS, labels[1], "torn")
    if stage == "at a bench":
        bench.open(order)
    flag_fraud(floor.db, BOSS, floor.order_id(order), True, "stolen card")
    [cause] = floor.incidents("fraud")
    assert "keep back the box that is still here" in cause
    assert numbers(floor, order)[0] == (labels[0], "loaded")
    if stage == "at the dock":
        assert Dock.at(bench).scan(labels[1]).reason is not Reason.OK
    else:
        with pytest.raises(DomainError, match="is kept back"):
            other.open(order)
    flag_fraud(floor.db, BOSS, floor.order_id(order), False)
    assert floor.incidents("fraud") == []
    fresh = labels[1] if stage == "at the dock" else goes_on(other, order)
    assert Dock.at(bench).scan(fresh).reason is Reason.OK


def test_a_box_that_stayed_behind_gets_another_label_when_the_other_box_has_left(floor: Floor) -> None:
    order, bench, labels = first_box_gone(floor)
    with pytest.raises(DomainError, match="has left"):
        relabel(floor.db, BOSS, labels[0], "torn")
    relabel(floor.db, BOSS, labels[1], "torn")
    assert Dock.at(bench).scan(labels[1]).reason is not Reason.OK, "the old number is refused"
    tell(floor.db, BOSS, delivered(labels[0]))
    settle(floor.db)
    look(floor.db)
    assert not floor.audited("order.delivered"), "its other box stands here, without a label"
    fresh = goes_on(bench, order)
    look(floor.db)
    assert not floor.audited("order.delivered")
    states = [(labels[0], "loaded"), (labels[1], "cancelled"), (fresh, "ready")]
    assert (numbers(floor, order), floor.status(order), floor.incidents("relabel")) == (states, "shipped", [])
    assert (floor.stock("SOAP"), floor.stock("BRUSH")) == ((99, 0), (99, 0)), "its units left the book once"
    with pytest.raises(DomainError, match="was shipped by"):
        bench.open(order)
    dock = Dock.at(bench)
    assert dock.scan(fresh).reason is Reason.OK
    bench.close_load(dock.load.load_id, 1)
    assert numbers(floor, order)[-1] == (fresh, "loaded")
    tell(floor.db, BOSS, delivered(fresh))
    settle(floor.db)
    assert len(floor.audited("order.delivered")) == 1


def test_units_in_a_box_that_waits_for_another_label_are_not_sold_again_when_its_order_is_moved_or_stopped(
    floor: Floor,
) -> None:
    order, bench = floor.order(("SOAP", 2)), floor.bench("Bench 1")
    old = bench.pack(order, SOAP, SOAP)
    relabel(floor.db, BOSS, old.parcel_id, "torn")
    with pytest.raises(DomainError, match="is packed and waits for another label"):
        override(floor.db, BOSS, [Role.SUPERVISOR], floor.order_id(order), "WEST", "closer to the buyer")
    assert flag_fraud(floor.db, BOSS, floor.order_id(order), True, "stolen card") == "on_hold"
    assert floor.stock("SOAP") == (100, 2)
    assert "keep it back, its units are in it" in floor.incidents("fraud")[0]
    assert flag_fraud(floor.db, BOSS, floor.order_id(order), False) == "ready"
    fresh = goes_on(bench, order)
    assert (numbers(floor, order)[-1], floor.stock("SOAP")) == ((fresh, "ready"), (100, 2))


def test_a_box_that_is_kept_back_gets_no_label_with_which_it_could_leave(floor: Floor) -> None:
    order, bench = floor.order(("SOAP", 1)), floor.bench("Bench 1")
    old = bench.pack(order, SOAP)
    flag_fraud(floor.db, BOSS, floor.order_id(order), True, "stolen card")
    with pytest.raises(DomainError, match="is kept back"):
        relabel(floor.db, BOSS, old.parcel_id, "torn")
    assert numbers(floor, order) == [(old.tracking, "blocked")]


def test_the_new_number_alone_loads_and_alone_is_told_to_the_channel(floor: Floor) -> None:
    order, bench = floor.order(("SOAP", 1)), floor.bench("Bench 1")
    old = bench.pack(order, SOAP)
    relabel(floor.db, BOSS, old.parcel_id, "wrong service")
    fresh = goes_on(bench, order)
    dock = Dock.at(bench)
    refused = dock.scan(old.tracking).reason
    assert refused is not None and refused.value in ("cancelled", "void_label")
    dock = Dock.at(bench)
    assert dock.scan(fresh).reason is Reason.OK
    with floor.db.read() as connection:
        on = list(connection.execute(select(tables.load_parcel.c.parcel_id)).scalars())
    assert old.parcel_id not in on and len(on) == 1


def test_a_box_on_an_open_load_is_taken_off_and_loaded_under_its_new_number(floor: Floor) -> None:
    order, bench = floor.order(("SOAP", 1)), floor.bench("Bench 1")
    old = bench.pack(order, SOAP)
    dock = Dock.at(bench)
    dock.scan(old.tracking)
    assert floor.parcel_state(old.parcel_id) == "loaded"
    relabel(floor.db, BOSS, old.parcel_id, "wrong service")
    assert f"take {old.parcel_id} off the truck" in floor.incidents("relabel")[0]
    fresh = goes_on(bench, order)
    assert dock.scan(fresh).reason is Reason.OK
    assert numbers(floor, order) == [(old.tracking, "cancelled"), (fresh, "loaded")]


def test_a_box_that_has_left_gets_no_other_label_and_its_carrier_must_stop_it(floor: Floor) -> None:
    order, bench = floor.order(("SOAP", 1)), floor.bench("Bench 1")
    label = bench.pack(order, SOAP)
    dock = Dock.at(bench)
    dock.scan(label.tracking)
    bench.close_load(dock.load.load_id, 1)
    with pytest.raises(DomainError, match="has left"):
        relabel(floor.db, BOSS, label.tracking, "wrong again")
    assert f"({label.tracking}) has left with Own van" in floor.incidents("intercept")[0]
    assert numbers(floor, order) == [(label.tracking, "loaded")]


@pytest.mark.parametrize("stage", ["bought", "ready", "loaded"])
def test_an_address_changed_after_the_label_stops_the_parcel_and_another_label_is_the_way_out(
    floor: Floor, stage: str
) -> None:
    order, bench = floor.order(("SOAP", 1)), floor.bench("Bench 1")
    bench.open(order)
    bench.scan(SOAP)
    old = bench.buy()
    if stage != "bought":
        bench.scan(old.tracking)
        bench.send()
    dock = Dock.at(bench)
    if stage == "loaded":
        dock.scan(old.tracking)
    change_address(floor.db, BOSS, floor.order_id(order), MOVED)
    (cause,) = floor.incidents("order_changed")
    assert f"packproof label relabel {old.parcel_id}" in cause
    assert ("it is on the truck, take it off" in cause) == (stage == "loaded")
    assert floor.parcel_state(old.parcel_id) == "blocked"
    assert floor.status(order) == ("on_hold" if stage == "bought" else "packed")
    assert dock.scan(old.tracking).reason is not Reason.OK
    if stage == "bought":
        bench.scan(old.tracking)
        assert bench.send().stop is Reason.CHANGED
    relabel(floor.db, BOSS, old.parcel_id, "the buyer moved")
    assert (floor.incidents("order_changed"), floor.status(order)) == ([], "ready")
    fresh = goes_on(bench, order)
    assert bench.label is not None and bench.label.label.ship_to.lines == ("9 Other Road",)
    assert numbers(floor, order) == [(old.tracking, "cancelled"), (fresh, "ready")]


def test_an_address_that_changes_after_the_parcel_left_is_refused_with_an_incident(floor: Floor) -> None:
    order, bench = floor.order(("SOAP", 1)), floor.bench("Bench 1")
    label = bench.pack(order, SOAP)
    dock = Dock.at(bench)
    dock.scan(label.tracking)
    bench.close_load(dock.load.load_id, 1)
    with pytest.raises(DomainError, match="cannot change"):
        change_address(floor.db, BOSS, floor.order_id(order), MOVED)
    assert len(floor.incidents("order_changed")) == 1
    assert numbers(floor, order) == [(label.tracking, "loaded")]


@pytest.mark.parametrize("boxes", [1, 2])
def test_the_goods_of_a_cancelled_order_whose_box_waits_for_another_label_are_not_for_sale(
    floor: Floor, boxes: int
) -> None:
    order, bench = floor.order(("SOAP", 1), ("BRUSH", 1)), floor.bench("Bench 1")
    if boxes == 1:
        labels = [bench.pack(order, SOAP, BRUSH)]
    else:
        with_boxes(floor)
        bench.open(order)
        for code in (SOAP, "PPX-NEW", "PPX-S", BRUSH, "PPX-M"):
            bench.scan(code)
        labels = []
        for _ in range(boxes):
            labels.append(bench.buy())
            bench.scan(labels[-1].tracking)
        bench.send()
    relabel(floor.db, BOSS, labels[0].tracking, "torn")
    cancel_order(floor.db, BOSS, floor.order_id(order))
    assert (floor.stock("SOAP"), floor.stock("BRUSH")) == ((100, 1), (100, 1))
    causes = floor.incidents("cancelled_after_packing")
    assert len(causes) == boxes
    assert any(f"its last was {labels[0].tracking}" in cause and "put its goods back" in cause for cause in causes)
    assert {each.sku for each in putting_back.waits(floor.db, "EAST", order)[1]} == {"SOAP", "BRUSH"}


def test_what_has_no_live_label_cannot_get_another(floor: Floor) -> None:
    order, bench = floor.order(("SOAP", 1)), floor.bench("Bench 1")
    label = bench.pack(order, SOAP)
    with pytest.raises(DomainError, match="expected why"):
        relabel(floor.db, BOSS, label.parcel_id, " ")
    with pytest.raises(DomainError, match="there is no parcel"):
        relabel(floor.db, BOSS, "PCL0000099", "why not")
    cancel_order(floor.db, BOSS, floor.order_id(order))
    with pytest.raises(DomainError, match="is void already"):
        relabel(floor.db, BOSS, label.parcel_id, "why not")


def test_by_easypost_the_old_label_is_refunded_and_one_lives(floor: Floor) -> None:
    with easypost_behind(floor.db) as easypost:
        shippable(floor.db)
        order, bench = floor.order(("SOAP", 1), carrier="easypost"), floor.bench("Bench 1")
        old = bench.pack(order, SOAP)
        void_label(floor.db, BOSS, old.parcel_id, "unused")
        fresh = goes_on(bench, order)
        voiding.tick(floor.db)
        assert [each["tracking_code"] for each in easypost.live()] == [fresh]
        assert old.label.ready is not None and old.tracking.encode() in old.label.ready.data


def test_own_vans_and_a_carrier_of_the_world_are_packed_by_the_same_scans(floor: Floor) -> None:
    """LBL-01: one flow; the carrier's own label reaches the printer as it was sold."""
    bench, flows = floor.bench("Bench 1"), []
    with easypost_behind(floor.db) as easypost:
        shippable(floor.db)
        for carrier in ("own-van", "easypost"):
            order = floor.order(("SOAP", 2), carrier=carrier)
            bench.open(order)
            reasons = [bench.scan(SOAP), bench.scan(SOAP)]
            label = bench.buy()
            reasons.append(bench.scan(label.tracking))
            bench.send()
            flows.append((reasons, floor.status(order), floor.parcel_state(label.parcel_id)))
            again = bench.ask("POST", f"/api/parcels/{label.parcel_id}/reprint", type(label))
            assert again == label
        (shipment,) = easypost.shipments.values()
    assert flows[0] == flows[1]
    assert write("label", label.label, "zpl") == zpl(shipment)


def test_a_box_whose_purchase_nobody_can_clear_up_gets_a_label_under_a_new_key(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The carrier cannot tell: what may have been bought is voided at its desk, and never mixed up with the new one."""
    metered = MeteredCarrier(capabilities=Capabilities(look_up=False))
    serve_all(monkeypatch, metered)
    bench = floor.bench("Bench 1")
    order = checked(floor, bench)
    metered.fail_after = Away("read timed out", maybe_done=True)
    with pytest.raises(DomainError, match="being checked"):
        bench.buy()
    relabel(floor.db, BOSS, "PCL0000001", "the carrier has no such label")
    fresh = goes_on(bench, order)
    assert numbers(floor, order) == [(None, "cancelled"), (fresh, "ready")]
    assert metered.asked == ["PCL0000001", "PCL0000002"]


def test_nobody_is_asked_to_label_or_to_mend_the_label_of_an_order_that_is_cancelled(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    metered = MeteredCarrier(fail_before=Refused("no such postcode"))
    serve_all(monkeypatch, metered)
    failed, again = floor.bench("Bench 1"), floor.bench("Bench 2")
    orders = [checked(floor, failed), checked(floor, again)]
    with pytest.raises(DomainError):
        failed.buy()
    relabel(floor.db, BOSS, again.buy().parcel_id, "wrong service")
    with transaction(floor.db, BOSS, "no carrier") as tx:
        about = {"order_id": floor.order_id(orders[0]), "once_key": f"no_carrier:{floor.order_id(orders[0])}"}
        open_incident(tx, IncidentType.LABEL_FAILED, "no carrier may take it", **about)  # type: ignore[arg-type]
    assert (len(floor.incidents("label_failed")), len(floor.incidents("relabel"))) == (2, 1)
    for order in orders:
        cancel_order(floor.db, BOSS, floor.order_id(order))
    assert (floor.incidents("label_failed"), floor.incidents("relabel")) == ([], [])
