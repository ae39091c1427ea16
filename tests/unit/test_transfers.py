"""Goods between two sites."""

import pytest

from server.domain.errors import DomainError
from server.domain.warehouse.transfers import (
    Key,
    Transfer,
    TransferState,
    cancel,
    close,
    depart,
    dispatch,
    planned,
    receive,
)

A, B = Key("A"), Key("B", "L1")


def on_the_way(units: int = 10) -> Transfer:
    return depart(dispatch(planned(1, 2, {A: units}), A, units))


def test_units_leave_are_on_the_way_and_come() -> None:
    arrival = receive(on_the_way(), A, 10)
    assert (arrival.arrived, arrival.recovered, arrival.found) == (10, 0, 0)
    closing = close(arrival.transfer)
    assert closing.differences == ()
    assert closing.transfer.in_transit == 0


def test_what_did_not_come_is_a_recorded_loss_when_the_destination_is_done() -> None:
    closing = close(receive(on_the_way(), A, 8).transfer)
    assert [(line.sku, line.lost, line.found) for line in closing.differences] == [("A", 2, 0)]


def test_a_box_that_turns_up_late_makes_good_the_loss_before_it_is_surplus() -> None:
    closed = close(receive(on_the_way(), A, 8).transfer).transfer
    late = receive(closed, A, 3)
    assert (late.arrived, late.recovered, late.found) == (0, 2, 1)
    assert late.transfer.line(A).lost == 0
    assert late.transfer.state is TransferState.CLOSED


def test_what_nobody_scanned_out_is_found_and_named_as_a_difference() -> None:
    arrival = receive(on_the_way(), B, 2)
    assert (arrival.arrived, arrival.found) == (0, 2)
    closing = close(receive(arrival.transfer, A, 10).transfer)
    assert [(line.sku, line.lot, line.found) for line in closing.differences] == [("B", "L1", 2)]


def test_the_first_receipt_scan_ends_loading() -> None:
    arrival = receive(dispatch(planned(1, 2, {A: 10}), A, 4), A, 4)
    assert arrival.transfer.state is TransferState.ON_THE_WAY
    with pytest.raises(DomainError, match="cannot dispatch a transfer that is on_the_way: expected planned or loading"):
        dispatch(arrival.transfer, A, 1)


def test_fewer_units_than_planned_may_leave() -> None:
    moving = depart(dispatch(planned(1, 2, {A: 10}), A, 4))
    assert moving.in_transit == 4
    assert moving.line(A).undispatched == 6
    assert close(receive(moving, A, 4).transfer).differences == ()


@pytest.mark.parametrize("verb", [lambda t: receive(t, A, 1), close, lambda t: cancel(dispatch(t, A, 1))])
def test_a_step_out_of_turn_is_refused(verb: object) -> None:
    with pytest.raises(DomainError, match="illegal_transition"):
        verb(planned(1, 2, {A: 1}))  # type: ignore[operator]


def test_a_truck_with_nothing_on_it_does_not_leave() -> None:
    with pytest.raises(DomainError, match="nothing_dispatched"):
        depart(planned(1, 2, {A: 1}))
    assert cancel(planned(1, 2, {A: 1})).state is TransferState.CANCELLED


@pytest.mark.parametrize(("sites", "wanted"), [((1, 1), {A: 1}), ((1, 2), {}), ((1, 2), {A: 0})])
def test_a_plan_needs_two_sites_and_units(sites: tuple[int, int], wanted: dict[Key, int]) -> None:
    with pytest.raises(DomainError, match="invalid"):
        planned(*sites, wanted)
