"""Another label for one box: nothing is unpacked, one label lives, the old number goes nowhere (LBL-02, CAN-03)."""

import pytest
from sqlalchemy import select

from printing.kinds import write
from server.calls.troubles import Away, Refused
from server.carriers import Capabilities
from server.db import tables
from server.db.transaction import transaction
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.simulated.carriers.easypost_book import zpl
from server.trade.orders import ShipTo
from server.usecases.record.incidents import open_incident
from server.usecases.sales.cancel import cancel_order
from server.usecases.sales.changing import change_address
from server.usecases.shipping import voiding
from server.usecases.shipping.relabelling import relabel, void_label
from server.usecases.warehouse import putting_back
from tests.carriers import easypost_behind, shippable
from tests.floor import BOSS, BRUSH, MUG, SOAP, Bench, Dock, Floor, one_engine
from tests.integration.test_boxes_and_steps import with_boxes
from tests.integration.test_labels import MeteredCarrier, checked, serve_all

pytestmark = one_engine
MOVED = ShipTo(name="Zoe Quill", lines=("9 Other Road",), city="Portland", postcode="97204", country="US")


def numbers(floor: Floor, order: str) -> list[tuple[str | None, str]]:
    """(tracking, state) of every label of an order."""
    with floor.db.read() as connection:
        t = tables.parcel
        rows = connection.execute(select(t).where(t.c.order_id == floor.order_id(order)).order_by(t.c.number))
        return [(row.tracking, row.state) for row in rows]


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
    bench.scan(fresh.tracking)
    kept = bench.buy()
    bench.scan(kept.tracking)
    bench.send()
    assert kept.tracking == second.tracking
    states = {(first.tracking, "cancelled"), (second.tracking, "ready"), (fresh.tracking, "ready")}
    assert (set(numbers(floor, order)), floor.status(order)) == (states, "packed")
    load = Dock.at(bench).load
    assert (load.cancelled_on, {p.tracking for p in load.missing}) == ((), {second.tracking, fresh.tracking})


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
