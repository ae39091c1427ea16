"""Carriers are asked of parcels on their way; what is wrong with one of them now ends nothing and stops no other."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from server.db import tables
from server.db.transaction import Database
from server.domain.errors import DomainError
from server.simulated.carriers.easypost import SimulatedEasyPost
from server.usecases.shipping.accounts import Counter, counter_of
from server.usecases.tracking import polling
from tests.book import BOSS
from tests.carriers import easypost_behind
from tests.floor import one_engine
from tests.tracked import Road

pytestmark = one_engine


@pytest.fixture
def road(db: Database) -> Road:
    return Road(db)


@pytest.fixture
def easypost(road: Road) -> Iterator[SimulatedEasyPost]:
    with easypost_behind(road.db) as easypost:
        yield easypost


def asked(easypost: SimulatedEasyPost) -> int:
    """How often anything was asked of it."""
    return sum("/trackers" in path for _, path, _ in easypost.asked)


def account_is_of(road: Road, provider: str) -> None:
    """Somebody edits the account."""
    with road.db.engine.begin() as connection:
        connection.execute(update(tables.carrier_account).values(provider=provider))


def test_a_carrier_whose_settings_were_wrong_for_a_while_is_asked_again_when_they_are_right(
    road: Road, easypost: SimulatedEasyPost
) -> None:
    road.gone("S-1", "A1", carrier="easypost")
    account_is_of(road, "easypots")
    polling.poll(road.db)
    account_is_of(road, "easypost")
    polling.poll(road.db)
    assert (asked(easypost), road.state("A1").poll_at) == (0, road.at + polling.AFTER_TROUBLE)
    road.at += polling.AFTER_TROUBLE
    polling.poll(road.db)
    assert asked(easypost) == 1
    assert road.state("A1").poll_at > road.at + polling.AFTER_TROUBLE


def test_a_parcel_on_its_way_to_the_door_is_asked_of_again_within_twenty_minutes(
    road: Road, easypost: SimulatedEasyPost, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(db: Database, code: str) -> Counter:
        found = counter_of(db, code)
        return replace(found, can=replace(found.can, hear=False))

    monkeypatch.setattr(polling, "counter_of", silent)
    road.gone("S-1", "A1", carrier="easypost")
    for status, every in (("in_transit", polling.USUAL), ("out_for_delivery", polling.OFTEN)):
        road.said("A1", status)
        polling.poll(road.db)
        wait = (road.state("A1").poll_at or 0.0) - road.at
        assert every <= wait <= every * 1.25, status
        road.at += wait
    assert (asked(easypost), polling.OFTEN * 1.25 < 1200) == (2, True)


def test_only_a_carrier_that_answers_no_questions_is_never_asked_again(road: Road) -> None:
    road.gone("S-1", "A1")
    road.gone("S-2", "A2", carrier="somebody-elses")
    polling.poll(road.db)
    assert road.state("A1").poll_at is None
    assert road.state("A2").poll_at == road.at + polling.AFTER_TROUBLE


@pytest.mark.parametrize("asking", [False, True])
def test_a_surprise_with_one_carrier_keeps_no_other_from_being_asked(
    road: Road, easypost: SimulatedEasyPost, monkeypatch: pytest.MonkeyPatch, asking: bool
) -> None:
    class Odd:
        def track(self, _: object) -> None:
            raise ZeroDivisionError

    def surprising(db: Database, code: str) -> Counter:
        if code != "a-odd-one":
            return counter_of(db, code)
        if not asking:
            raise ZeroDivisionError
        found = counter_of(db, "easypost")
        return Counter(found.account, found.can, Odd())  # type: ignore[arg-type]

    monkeypatch.setattr(polling, "counter_of", surprising)
    road.gone("S-1", "A1", carrier="a-odd-one")
    road.gone("S-2", "A2", carrier="easypost")
    assert polling.poll(road.db) is False
    assert asked(easypost) == 1
    assert road.state("A1").poll_at == road.at + polling.AFTER_TROUBLE


def test_a_carrier_that_refuses_its_answer_is_asked_again_later(
    road: Road, easypost: SimulatedEasyPost, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise DomainError("invalid", "no such voice")

    monkeypatch.setattr(polling, "put", refused)
    road.gone("S-1", "A1", carrier="easypost")
    polling.poll(road.db)
    assert road.state("A1").poll_at == road.at + polling.AFTER_TROUBLE


def test_a_carrier_is_asked_no_more_of_a_parcel_that_never_arrives_and_again_when_a_person_says_so(
    road: Road, easypost: SimulatedEasyPost
) -> None:
    road.gone("S-1", "A1", carrier="easypost")
    polling.poll(road.db)
    road.later(59 * 24)
    assert (ended(road), road.state("A1").poll_at is None) == ([], False)
    road.later(25)
    assert (len(road.incidents("parcel_lost")), road.state("A1").poll_at) == (1, None)
    before = asked(easypost)
    polling.poll(road.db)
    assert (asked(easypost), ended(road)) == (before, ["A1"])
    assert polling.ask_again(road.db, BOSS, "a1") == "A1"
    road.later(59 * 24)
    assert road.state("A1").poll_at is not None
    polling.poll(road.db)
    assert asked(easypost) > before
    road.later(25)
    assert ended(road) == ["A1", "A1"]
    with pytest.raises(DomainError, match="there is no parcel"):
        polling.ask_again(road.db, BOSS, "A9")


def test_a_parcel_given_up_is_asked_of_again_as_soon_as_it_is_heard_of_and_one_that_arrived_never(
    road: Road, easypost: SimulatedEasyPost
) -> None:
    road.gone("S-1", "A1", "A2", carrier="easypost")
    road.packed("S-2", "A3", carrier="easypost")
    road.later(61 * 24)
    assert ended(road) == ["A1", "A2"]
    road.said("A1", "in_transit")
    road.said("A2", "delivered")
    assert (road.state("A1").poll_at, road.incidents("parcel_lost")) == (road.at, [])
    assert road.state("A2").poll_at is None
    for number, found in (("A2", "delivered"), ("A3", "it is still here")):
        with pytest.raises(DomainError, match=f"expected a parcel on its way, found of {number}: {found}"):
            polling.ask_again(road.db, BOSS, number)


def ended(road: Road) -> list[str]:
    """Parcels of which it is on record that nobody is asked any more, by number, as often as it is."""
    a, s, p = tables.audit, tables.audit_subject, tables.parcel
    query = select(p.c.tracking).join(s, (s.c.ref == p.c.id) & (s.c.kind == "parcel")).join(a, a.c.id == s.c.audit_id)
    with road.db.read() as connection:
        rows = connection.execute(query.where(a.c.action == "tracking.ended").order_by(p.c.tracking, a.c.id))
        return list(rows.scalars())
