"""Events in any order, twice, in parts: a parcel ends in the same state (TRK-05)."""

from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.tracking.journey import Event, fold
from server.domain.tracking.status import Status

EVENTS = st.lists(
    st.builds(
        Event,
        st.integers(0, 6).map(float),
        st.sampled_from(Status),
        st.none() | st.integers(0, 3).map(float),
    ),
    max_size=8,
)


@settings(max_examples=60)
@given(EVENTS, st.data())
def test_every_order_and_every_repetition_ends_the_same(events: list[Event], data: st.DataObject) -> None:
    mixed = data.draw(st.permutations(events))
    again = data.draw(st.lists(st.sampled_from(events), max_size=4)) if events else []
    assert fold([*again, *mixed]) == fold(events)


@settings(max_examples=60)
@given(EVENTS)
def test_a_delivered_parcel_stays_delivered_unless_it_comes_back_or_is_damaged(events: list[Event]) -> None:
    undo = {Status.RETURNING, Status.RETURNED, Status.DAMAGED, Status.DELIVERED}
    last = max((event.at for event in events), default=0.0)
    rest = [event for event in events if event.status not in undo]
    assert fold([*rest, Event(last / 2, Status.DELIVERED)]).status is Status.DELIVERED
