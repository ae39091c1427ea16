"""A label that must not live is voided once, followed until its cost is back, and listed until then (CAN-03)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from server import wire
from server.calls.troubles import Away, Trouble
from server.carriers import Account, Capabilities
from server.db import labels, tables
from server.db.transaction import transaction
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.simulated.platforms.faults import Fault
from server.trade.shipping import Shipment, Voiding, VoidState
from server.usecases.benchwork.unpacking import unpack
from server.usecases.sales.cancel import cancel_order
from server.usecases.shipping import voiding
from server.usecases.shipping.accounts import Counter
from server.usecases.shipping.relabelling import void_label
from tests.carriers import easypost_behind, shippable
from tests.floor import BOSS, SOAP, Floor, one_engine
from tests.integration.test_checking import later
from tests.integration.test_labels import MeteredCarrier, serve_all

pytestmark = one_engine
HOUR, DAY = 3600.0, 86_400.0


@dataclass
class Refunding(MeteredCarrier):
    """It answers voids as told, the last answer for ever, and counts them."""

    answers: list[Voiding | Trouble] = field(default_factory=lambda: [Voiding(VoidState.VOIDED)])
    voided: list[Shipment] = field(default_factory=list)

    def void(self, shipment: Shipment) -> Voiding:
        """See Carrier."""
        with self.lock:
            self.voided.append(shipment)
            said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(said, Trouble):
            raise said
        return said


@pytest.fixture
def refunding(monkeypatch: pytest.MonkeyPatch) -> Iterator[Refunding]:
    made = Refunding(capabilities=Capabilities(void=True))
    serve(monkeypatch, made)
    return made  # type: ignore[return-value]


def serve(monkeypatch: pytest.MonkeyPatch, made: Refunding) -> None:
    serve_all(monkeypatch, made)
    counter = Counter(Account("metered", "Metered", "metered"), made.capabilities, made)  # type: ignore[arg-type]
    monkeypatch.setattr(voiding, "counter_of", lambda _db, _code: counter)


def cancelled(floor: Floor) -> str:
    """The parcel of an order that was packed and cancelled."""
    label = floor.bench("Bench 1").pack(floor.order(("SOAP", 1)), SOAP)
    cancel_order(floor.db, BOSS, floor.order_id(label.label.order_number))
    return label.parcel_id


def void_of(floor: Floor, parcel_id: str) -> tuple[str, str]:
    """Its state and what the carrier said."""
    with floor.db.read() as connection:
        kept = labels.kept(connection, parcel_id)
        assert kept is not None
        return kept.void_state, kept.void_text


def listed(floor: Floor) -> list[tuple[str, str]]:
    """What `packproof label list --void` shows."""
    with floor.db.read() as connection:
        return [(row.id, row.void_state) for row in labels.void_or_not(connection, void=True, most=10)]


def test_the_label_of_a_cancelled_order_is_void_and_its_cost_is_on_record(floor: Floor, refunding: Refunding) -> None:
    parcel_id = cancelled(floor)
    assert listed(floor) == [(parcel_id, "wanted")]
    voiding.tick(floor.db)
    voiding.tick(floor.db)
    assert (void_of(floor, parcel_id), listed(floor), len(refunding.voided)) == (("voided", ""), [], 1)
    assert refunding.voided[0].tracking == "MT00000000"
    with floor.db.read() as connection:
        audit = tables.audit
        row = connection.execute(select(audit.c.detail).where(audit.c.action == "label.voided")).scalar_one()
    assert row == {"tracking": "MT00000000", "back": "4.20 USD"}
    (cause,) = floor.incidents("cancelled_after_packing")
    assert "label MT00000000 of parcel PCL0000001 is void; its box is packed: pull it and put its goods back" in cause


def test_an_unpacked_box_leaves_nothing_to_do_about_its_old_label(floor: Floor, refunding: Refunding) -> None:
    number = floor.order(("SOAP", 1))
    floor.bench("Bench 1").pack(number, SOAP)
    unpack(floor.db, BOSS, floor.order_id(number), "a wrong lid")
    assert len(floor.incidents("order_changed")) == 1
    voiding.tick(floor.db)
    assert (floor.incidents("order_changed"), len(refunding.voided)) == ([], 1)


def test_a_refund_that_the_carrier_has_not_decided_is_asked_after_hourly_and_told_after_a_day(
    floor: Floor, refunding: Refunding
) -> None:
    refunding.answers = [Voiding(VoidState.PENDING, "in review")]
    parcel_id = cancelled(floor)
    for _ in range(3):
        voiding.tick(floor.db)
    assert (void_of(floor, parcel_id), len(refunding.voided)) == (("pending", "in review"), 1)
    later(floor, HOUR + 1)
    voiding.tick(floor.db)
    assert (len(refunding.voided), len(floor.audited("label.void_asked"))) == (2, 1)
    assert floor.incidents("void_unconfirmed") == []
    later(floor, DAY)
    voiding.tick(floor.db)
    (cause,) = floor.incidents("void_unconfirmed")
    assert cause.startswith(
        "void of label MT00000000 of parcel PCL0000001 not confirmed, no answer within 24 hours: "
        "claim the refund of 4.20 USD at Own van"
    )
    refunding.answers = [Voiding(VoidState.VOIDED)]
    later(floor, HOUR + 1)
    voiding.tick(floor.db)
    assert (floor.incidents("void_unconfirmed"), listed(floor)) == ([], [])


def test_an_answer_that_was_lost_is_asked_after_and_counts_as_one_request(floor: Floor, refunding: Refunding) -> None:
    refunding.answers = [Away("read timed out", maybe_done=True), Voiding(VoidState.VOIDED)]
    parcel_id = cancelled(floor)
    voiding.tick(floor.db)
    assert void_of(floor, parcel_id) == ("asking", "read timed out")
    later(floor, 10 * 60)
    voiding.tick(floor.db)
    assert void_of(floor, parcel_id)[0] == "voided"
    assert (len(floor.audited("label.void_asked")), len(floor.audited("label.voided"))) == (1, 1)


def test_a_refused_void_is_a_persons_matter_at_once_and_is_asked_again_only_when_a_person_says_so(
    floor: Floor, refunding: Refunding
) -> None:
    refunding.answers = [Voiding(VoidState.REFUSED, "it was \x1b[31mused"), Voiding(VoidState.VOIDED)]
    parcel_id = cancelled(floor)
    voiding.tick(floor.db)
    (cause,) = floor.incidents("void_unconfirmed")
    assert "the carrier will not void it: claim the refund of 4.20 USD at Own van" in cause
    assert "\x1b" not in cause
    assert listed(floor) == [(parcel_id, "refused")]
    later(floor, DAY)
    voiding.tick(floor.db)
    assert len(refunding.voided) == 1
    void_label(floor.db, BOSS, "MT00000000", "they agreed by telephone")
    voiding.tick(floor.db)
    assert (floor.incidents("void_unconfirmed"), listed(floor)) == ([], [])
    with pytest.raises(DomainError, match="is void already"):
        void_label(floor.db, BOSS, parcel_id, "again")


def test_a_carrier_that_cannot_void_is_said_so_at_once(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    cannot = Refunding(capabilities=Capabilities(void=False))
    serve(monkeypatch, cannot)
    cancelled(floor)
    voiding.tick(floor.db)
    (cause,) = floor.incidents("void_unconfirmed")
    assert ("cannot be asked from here" in cause, cannot.voided) == (True, [])


def test_a_label_that_left_on_a_closed_load_is_never_voided(floor: Floor, refunding: Refunding) -> None:
    parcel_id = cancelled(floor)
    with floor.db.engine.begin() as connection:
        site = connection.execute(select(tables.parcel.c.site_id)).scalar_one()
        row: dict[str, Any] = {"id": "LOAD000009", "number": 9, "site_id": site, "carrier": "own-van"}
        connection.execute(insert(tables.load).values(**row, opened_at=1.0, closed_at=2.0))
        on: dict[str, Any] = {"parcel_id": parcel_id, "load_id": "LOAD000009", "loaded_at": 1.0}
        connection.execute(insert(tables.load_parcel).values(**on, person_id=1, bench_id=1))
    voiding.tick(floor.db)
    assert (refunding.voided, void_of(floor, parcel_id)[0]) == ([], "wanted")
    assert "has left with Own van" in floor.incidents("intercept")[0]


def test_two_processes_ask_for_one_void_once(floor: Floor, refunding: Refunding) -> None:
    cancelled(floor)
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda _: voiding.tick(floor.db), range(3))) == [False] * 3
    assert len(refunding.voided) == 1


def test_a_process_that_died_while_asking_is_followed_by_the_next(floor: Floor, refunding: Refunding) -> None:
    parcel_id = cancelled(floor)
    assert voiding._begin(floor.db, parcel_id) is not None
    voiding.tick(floor.db)
    assert refunding.voided == []
    later(floor, voiding.ASKING + 1)
    voiding.tick(floor.db)
    assert (len(refunding.voided), len(floor.audited("label.void_asked")), listed(floor)) == (1, 1, [])


def test_a_number_of_our_own_that_was_never_used_is_forgotten_and_not_voided(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    number = floor.order(("SOAP", 1))
    assert len(bench.ask("POST", "/api/lease", wire.LeaseAnswer, wire.LeaseRequest(held=())).labels) == 1
    cancel_order(floor.db, BOSS, floor.order_id(number))
    assert listed(floor) == []


def test_a_void_number_is_refused_at_the_bench_and_at_its_printer(floor: Floor, refunding: Refunding) -> None:
    bench = floor.bench("Bench 1")
    number = floor.order(("SOAP", 1))
    old = bench.pack(number, SOAP)
    void_label(floor.db, BOSS, old.parcel_id, "a coffee stain")
    with pytest.raises(DomainError, match="gets another label: a coffee stain"):
        bench.ask("POST", f"/api/parcels/{old.parcel_id}/reprint", type(old))
    bench.open(number)
    fresh = bench.buy()
    assert bench.scan(old.tracking) is Reason.WRONG_LABEL
    bench.scan("PPC-OK")
    assert bench.scan(fresh.tracking) is Reason.OK
    bench.send()
    assert floor.parcel_state(fresh.parcel_id) == "ready", "its own old label blocks nobody"


def test_easypost_is_asked_for_one_refund_and_its_answer_is_followed(floor: Floor) -> None:
    with easypost_behind(floor.db) as easypost:
        shippable(floor.db)
        label = floor.bench("Bench 1").pack(floor.order(("SOAP", 1), carrier="easypost"), SOAP)
        cancel_order(floor.db, BOSS, floor.order_id(label.label.order_number))
        easypost.faults.once(Fault.LOST_AFTER, "POST", "/refund")
        for _ in range(3):
            voiding.tick(floor.db)
            later(floor, HOUR + 1)
        assert (void_of(floor, label.parcel_id)[0], easypost.live()) == ("pending", [])
        assert [path for method, path, _ in easypost.asked if method == "POST" and path.endswith("/refund")][1:] == []
        easypost.refund(label.tracking, "refunded")
        voiding.tick(floor.db)
        assert listed(floor) == []
        with floor.db.read() as connection:
            kept = labels.kept(connection, label.parcel_id)
        assert kept is not None and kept.data is None


def test_nothing_of_a_label_is_kept_when_its_address_is_erased(floor: Floor) -> None:
    with easypost_behind(floor.db) as easypost:
        shippable(floor.db)
        label = floor.bench("Bench 1").pack(floor.order(("SOAP", 1), carrier="easypost"), SOAP)
    order_id = floor.order_id(label.label.order_number)
    with transaction(floor.db, BOSS, "erase") as tx:
        tx.connection.execute(update(tables.recipient).values(erased_at=tx.now, address={}, contact={}))
        labels.erase(tx, order_id)
    with floor.db.read() as connection:
        kept = labels.kept(connection, label.parcel_id)
    assert kept is not None
    assert (kept.data, kept.cost, label.label.ready is not None) == (None, str(easypost.charged[0][1]), True)


def test_an_adapter_that_breaks_at_a_void_is_told_after_a_day_and_keeps_no_other_label_waiting(
    floor: Floor, refunding: Refunding, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = cancelled(floor), floor.bench("Bench 2").pack(floor.order(("SOAP", 1)), SOAP)
    cancel_order(floor.db, BOSS, floor.order_id(second.label.order_number))
    real = refunding.void

    def breaks(shipment: Shipment) -> Voiding:
        if shipment.parcel_id == first:
            raise TypeError("unhashable type: 'list'")
        return real(shipment)

    monkeypatch.setattr(refunding, "void", breaks)
    voiding.tick(floor.db)
    assert [void_of(floor, parcel)[0] for parcel in (first, second.parcel_id)] == ["asking", "voided"]
    later(floor, DAY)
    voiding.tick(floor.db)
    (cause,) = floor.incidents("void_unconfirmed")
    assert "no answer within 24 hours" in cause and "TypeError" in cause
