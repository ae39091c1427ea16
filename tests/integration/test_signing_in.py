"""PINs, badges of the day and tastes: set at the terminal, told to benches; one person at one bench at a time."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server import wire
from server.cli.group import packproof
from server.db.transaction import Database
from server.domain.errors import DomainError
from server.domain.people import Role, badge_digest, pin_fits
from server.usecases.benchwork import benches, snapshot
from server.usecases.staff import people, signing_in
from server.usecases.starting.sites import add_site
from tests.floor import BOSS, Bench, Floor, one_engine

Run = Callable[..., Result]


@pytest.fixture
def house(sqlite_db: Database) -> Database:
    """A site far west, Ana who packs and Sam who supervises."""
    add_site(sqlite_db, BOSS, "WEST", "West house", time_zone="Pacific/Honolulu")
    benches.add_bench(sqlite_db, BOSS, "Bench 1", "WEST")
    people.add_person(sqlite_db, BOSS, "Ana", [Role.PACKER], "PPB-ANA-001")
    people.add_person(sqlite_db, BOSS, "Sam", [Role.SUPERVISOR], "PPB-SAM-001")
    return sqlite_db


@pytest.fixture
def run(house: Database, tmp_path: Path) -> Run:
    """A terminal beside that house."""
    (tmp_path / "server.toml").write_text(f'data_dir = "{tmp_path}"\n')

    def run(*words: str, typed: str = "") -> Result:
        return CliRunner().invoke(
            packproof, ["person", *words, "--config", str(tmp_path / "server.toml")], input=typed or None
        )

    return run


def card(db: Database, name: str) -> wire.PersonCard:
    """What every bench is told of this person."""
    return next(p for p in snapshot.take_snapshot(db, 1).people if p.name == name)


def test_a_pin_is_typed_twice_and_reaches_the_benches_as_a_hash(house: Database, run: Run) -> None:
    before = snapshot.take_snapshot(house, 1).version
    answer = run("pin", "Ana", typed="4711\n4711\n")
    assert answer.exit_code == 0, answer.output
    assert "4711" not in answer.output
    assert pin_fits(card(house, "Ana").pin_hash, "4711") and not card(house, "Sam").pin_hash
    assert snapshot.take_snapshot(house, 1).version > before, "benches must hear of it"
    assert run("pin", "Ana", "--none").exit_code == 0
    assert card(house, "Ana").pin_hash == ""


def test_a_pin_that_is_none_is_refused_and_not_repeated(run: Run) -> None:
    answer = run("pin", "Ana", typed="47x1\n47x1\n")
    assert answer.exit_code == 2
    assert "expected a PIN of 4 to 8 digits, found 4 characters" in answer.output and "47x1" not in answer.output


def test_a_day_badge_needs_a_supervisor_and_is_good_on_the_sites_own_day(house: Database, run: Run) -> None:
    assert run("day-badge", "Ana", "--by", "Ana").exit_code == 2
    # 05:00 in Greenwich on the 5th of March 2026 is still the 4th in Honolulu.
    house.now = lambda: 1_772_686_800.0
    answer = run("day-badge", "Ana", "--by", "Sam", "--badge", "PPB-SPARE-01")
    assert answer.exit_code == 0, answer.output
    assert answer.stdout == "PPB-SPARE-01\n"
    lent = signing_in.lend_badge(house, BOSS, 1, "PPB-SPARE-02")
    ana = card(house, "Ana")
    assert (ana.day_badge_digest, ana.day_badge_day, lent) == (badge_digest("PPB-SPARE-02"), "2026-03-04", "2026-03-04")
    assert ana.badge_digest == badge_digest("PPB-ANA-001"), "their own badge keeps working"


def test_a_badge_of_somebody_is_lent_to_nobody(house: Database) -> None:
    with pytest.raises(DomainError, match="belongs to Sam"):
        signing_in.lend_badge(house, BOSS, 1, "PPB-SAM-001")
    signing_in.lend_badge(house, BOSS, 1, "PPB-SPARE-01")
    with pytest.raises(DomainError, match="lent to somebody else"):
        signing_in.lend_badge(house, BOSS, 2, "PPB-SPARE-01")


def test_somebody_without_a_badge_of_their_own_gets_in_by_one_of_the_day(house: Database) -> None:
    people.set_badge(house, BOSS, 1, None)
    assert all(p.name != "Ana" for p in snapshot.take_snapshot(house, 1).people)
    signing_in.lend_badge(house, BOSS, 1, "PPB-SPARE-01")
    assert card(house, "Ana").badge_digest == ""


def test_language_and_theme_are_a_persons_own_and_can_be_given_back(house: Database, run: Run) -> None:
    assert run("prefer", "Ana", "--language", "de", "--theme", "contrast").exit_code == 0
    assert (card(house, "Ana").language, card(house, "Ana").theme) == ("de", "contrast")
    assert run("prefer", "Ana", "--theme", "bench").exit_code == 0
    assert (card(house, "Ana").language, card(house, "Ana").theme) == ("de", "")
    assert run("prefer", "Ana").exit_code == 2
    with pytest.raises(DomainError, match="expected a language of en, de, found 'xx'"):
        signing_in.set_tastes(house, BOSS, 1, "xx", None)


def beat(bench: Bench, person_id: int | None, since: float | None, ahead: float = 0.0) -> str:
    """One heartbeat of a bench whose clock is ahead; the bench at which the person signed in since."""
    now = bench.floor.db.now()
    message = wire.Heartbeat(at=now + ahead, person_id=person_id, signed_in_at=None if since is None else since + ahead)
    return bench.ask("POST", "/api/heartbeat", wire.HeartbeatAnswer, message).signed_in_elsewhere


def test_the_same_badge_at_a_second_bench_signs_the_first_out_by_the_servers_clock(floor: Floor) -> None:
    first, second = floor.bench("Bench 1"), floor.bench("Bench 2")
    now = floor.db.now()
    assert beat(first, 7, now - 60) == ""
    assert beat(second, 7, now - 30, ahead=-3600) == "", "the later sign-in stays, though that clock is an hour slow"
    assert beat(first, 7, now - 60) == "Bench 2"
    assert beat(first, 7, now) == "", "who comes back scans the badge again"
    assert beat(second, 7, now - 30, ahead=-3600) == "Bench 1"
    assert beat(second, None, None) == "" and beat(second, 8, now) == ""


@one_engine
def test_a_bench_that_was_revoked_signs_nobody_out(floor: Floor) -> None:
    first, second = floor.bench("Bench 1"), floor.bench("Bench 2")
    now = floor.db.now()
    beat(second, 7, now)
    benches.revoke_bench(floor.db, BOSS, "Bench 2")
    assert beat(first, 7, now - 60) == ""


def test_a_card_of_an_older_server_is_still_understood() -> None:
    old = b'{"person_id":1,"name":"Ana","roles":["packer"],"badge_digest":"x"}'
    assert replace(wire.decode(old, wire.PersonCard), name="Ana").pin_hash == ""
