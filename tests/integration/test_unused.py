"""A label that was bought and not used is found, once, and its incident closes by itself (LBL-06)."""

import pytest

from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.usecases.shipping import unused
from server.usecases.shipping.relabelling import void_label
from tests.floor import BOSS, SOAP, Dock, Floor, one_engine
from tests.integration.test_checking import later
from tests.integration.test_labels import checked

pytestmark = one_engine
HOUR = 3600.0


def found(floor: Floor) -> list[str]:
    """Run the watch; causes of what is open."""
    unused.tick(floor.db)
    unused.tick(floor.db)
    return floor.incidents("label_unused")


def test_a_label_never_scanned_on_its_box_is_somebodys_matter_until_it_is_scanned(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    checked(floor, bench)
    label = bench.buy()
    assert found(floor) == []
    later(floor, 24 * HOUR + 60)
    (cause,) = found(floor)
    assert cause == (
        f"label {label.tracking} of Own van for order 1001 was bought 24 h ago and never scanned on its box: "
        f"scan it there, or void it: packproof label void {label.parcel_id}"
    )
    assert bench.scan(label.tracking) is Reason.OK
    bench.send()
    (cause,) = found(floor)
    assert "never loaded: load it, or void it" in cause


def test_a_box_that_nobody_loaded_is_found_after_the_configured_hours_and_forgotten_when_void(floor: Floor) -> None:
    unused.set_hours(floor.db, BOSS, 2)
    label = floor.bench("Bench 1").pack(floor.order(("SOAP", 1)), SOAP)
    later(floor, HOUR)
    assert found(floor) == []
    later(floor, HOUR + 60)
    assert len(found(floor)) == 1
    void_label(floor.db, BOSS, label.parcel_id, "not needed")
    assert found(floor) == []


def test_a_box_that_is_loaded_at_last_is_no_longer_looked_for(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    label = bench.pack(floor.order(("SOAP", 1)), SOAP)
    later(floor, 25 * HOUR)
    assert len(found(floor)) == 1
    Dock.at(bench).scan(label.tracking)
    assert found(floor) == []


def test_hours_that_make_no_sense_are_refused(floor: Floor) -> None:
    with pytest.raises(DomainError, match="expected 1 to 720 hours, found 0"):
        unused.set_hours(floor.db, BOSS, 0)


def test_more_unused_labels_than_one_look_counts_are_all_told(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unused, "MOST", 1)
    bench = floor.bench("Bench 1")
    for _ in range(2):
        bench.pack(floor.order(("SOAP", 1)), SOAP)
    checked(floor, bench)
    bench.buy()
    later(floor, 25 * HOUR)
    assert [len(found(floor)), len(found(floor))] == [2, 3]
