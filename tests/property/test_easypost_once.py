"""Whatever fails and whoever restarts, EasyPost sells one live label for a parcel."""

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from server.calls.troubles import Trouble
from server.simulated.platforms.faults import Fault
from tests.easypost_stand import Stand

FAULTS = st.lists(st.none() | st.sampled_from([f for f in Fault if f is not Fault.DENIED]), max_size=12)


@given(faults=FAULTS, restarts=st.sets(st.integers(0, 12)))
@settings(max_examples=60, deadline=None)
def test_after_any_row_of_failures_there_is_one_label_and_it_is_the_one_we_know(
    faults: list[Fault | None], restarts: set[int]
) -> None:
    stand = Stand()
    told = set()
    for nth, fault in enumerate(faults):
        if fault:
            stand.easypost.faults.once(fault)
        if nth in restarts:
            stand.restart()
        with contextlib.suppress(Trouble):
            told.add(stand.buy().tracking)
        stand.at += 5
    while stand.easypost.faults.of("", ""):
        pass
    bought = stand.buy()
    assert [tracking for tracking, _ in stand.easypost.charged] == [bought.tracking]
    assert told <= {bought.tracking}
    assert stand.look_up() == bought
