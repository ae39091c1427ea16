"""Whatever is scanned, weighed and badged: no box closes with something open, and boxes hold what was counted."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.packing import boxes
from server.domain.packing.rules import apply, judge, opened
from server.domain.packing.session import Fact, FactKind, Phase, Session
from server.domain.packing.steps import open_steps
from server.domain.packing.wants import BoxChoice, Expected, Step, StepKind, Wants
from server.reading import read
from server.usecases.benchwork.judging import packed, unpacked
from tests import builders

STEPS = (
    Step("note", StepKind.NOTE, "Ring twice"),
    Step("insert", StepKind.INSERT, "Card", code="CARD-1"),
    Step("tape", StepKind.NOTE, "Tape twice", per_box=True),
)
WANTS = st.builds(
    Wants,
    steps=st.lists(st.sampled_from(STEPS), unique=True).map(tuple),
    boxes=st.sampled_from([(), (BoxChoice("M", 100, 900),)]),
    suggested=st.sampled_from([None, "M"]),
    own_box=st.sampled_from([(), ("SOAP",)]),
    weigh=st.booleans(),
    expected=st.just((Expected("CANDLE", 200, 2), Expected("SOAP", 120, 2))),
)
CODES = (builders.CANDLE, builders.SOAP, builders.CANDLE, "PPX-NEW", "PPX-M", "PPX-NONE", "PPX-OPEN", "PPC-YES")
MORE = ("CARD-1", "PPC-OK", "PPC-UNDO", "why not")
FACTS = (
    Fact(FactKind.SUPERVISOR),
    Fact(FactKind.PARK),
    Fact(FactKind.RESUME),
    *(Fact(FactKind.WEIGHT, grams=grams) for grams in (220, 300, 420, 500, 620, 5000)),
)
HAPPENINGS = st.lists(st.one_of(st.sampled_from(CODES), st.sampled_from(MORE), st.sampled_from(FACTS)), max_size=60)


def check(before: Session, after: Session) -> None:
    """What holds after everything that happens."""
    total = [sum(units) for units in zip(*(box.contents for box in boxes.all_boxes(after)), strict=True)]
    assert total == list(after.counts)
    assert all(units >= 0 for units in boxes.present(after))
    if after.phase in (Phase.CHECKED, Phase.LABEL, Phase.CLOSED):
        assert (open_steps(after), after.open_units) == ((), 0)
    if len(after.sealed) > len(before.sealed):
        assert all(any(box.contents) for box in after.sealed)
        if after.order.wants.boxes:
            assert all(box.box_type is not None for box in after.sealed)
        if after.order.wants.weigh:
            assert all(box.weight_grams is not None for box in after.sealed)


@settings(max_examples=400, deadline=None)
@given(WANTS, HAPPENINGS)
def test_no_box_closes_with_an_open_step_and_boxes_hold_what_was_counted(
    wants: Wants, happenings: list[str | Fact]
) -> None:
    session = opened("s", replace(builders.order(), wants=wants))
    for number, what in enumerate(happenings):
        before = session
        if isinstance(what, Fact):
            session = apply(session, what)
        else:
            session = judge(session, read(what, builders.catalog(), at=2.0 * number)).session
        check(before, session)
        assert unpacked(packed(session)) == session
