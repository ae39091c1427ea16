"""Enrolling benches, people, badges and passwords, on both engines."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from server import wire
from server.db import tables
from server.db.transaction import Database
from server.domain.errors import DomainError
from server.domain.people import Role, badge_digest
from server.secrets import digest
from server.usecases.benchwork import benches
from server.usecases.masterdata.catalogue import version
from server.usecases.staff import people
from server.usecases.starting.sites import add_site
from tests.floor import BOSS, Floor, one_engine


@pytest.fixture
def house(db: Database) -> Database:
    """A database with one site and one bench that has not joined."""
    add_site(db, BOSS, "EAST", "East house")
    benches.add_bench(db, BOSS, "Bench 1", "EAST")
    return db


def version_now(db: Database) -> int:
    with db.read() as connection:
        return version(connection)


def stored(db: Database, name: str) -> str:
    with db.read() as connection:
        return str(connection.execute(select(tables.metadata.tables[name])).all())


def refusal(code: str, work: object, *arguments: object) -> str:
    with pytest.raises(DomainError) as error:
        work(*arguments)  # type: ignore[operator]
    assert error.value.code == code, error.value
    return error.value.detail


def test_a_join_secret_works_once_and_then_says_that_it_was_used(house: Database) -> None:
    secret = benches.new_join_secret(house, BOSS, "Bench 1")
    answer = benches.join(house, secret)
    assert (answer.bench, answer.site) == ("Bench 1", "EAST")
    assert "used already" in refusal("join_used", benches.join, house, secret)
    kept = stored(house, "bench")
    assert secret not in kept
    assert answer.token not in kept
    assert digest(answer.token) in kept


def test_of_many_joining_with_one_secret_exactly_one_gets_a_token(house: Database) -> None:
    secret, gate = benches.new_join_secret(house, BOSS, "Bench 1"), Barrier(4)

    def join(_: int) -> str:
        gate.wait()
        try:
            return benches.join(house, secret).token
        except DomainError as error:
            return error.code

    with ThreadPoolExecutor(4) as pool:
        ends = list(pool.map(join, range(4)))
    assert sorted(end == "join_used" for end in ends) == [False, True, True, True]


@one_engine
def test_an_old_join_secret_says_that_it_is_too_old(house: Database) -> None:
    secret = benches.new_join_secret(house, BOSS, "Bench 1", minutes=60)
    real, house.now = house.now, lambda: real() + 3601
    assert "too old" in refusal("join_expired", benches.join, house, secret)


@one_engine
def test_a_newer_join_secret_voids_the_older_one(house: Database) -> None:
    old, new = (benches.new_join_secret(house, BOSS, "Bench 1") for _ in range(2))
    refusal("join_unknown", benches.join, house, old)
    assert benches.join(house, new).bench == "Bench 1"
    refusal("join_unknown", benches.join, house, "guess")


def test_a_revoked_bench_is_shut_out_until_it_joins_again(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    assert bench.call("GET", "/api/queue").status_code == 200
    unused = benches.new_join_secret(floor.db, BOSS, "Bench 1")
    benches.revoke_bench(floor.db, BOSS, "Bench 1")
    assert bench.call("GET", "/api/queue").status_code == 401
    refusal("join_unknown", benches.join, floor.db, unused)
    bench.token = benches.join(floor.db, benches.new_join_secret(floor.db, BOSS, "Bench 1")).token
    assert bench.call("GET", "/api/queue").status_code == 200
    assert floor.audited("bench.revoked") == [("the boss", "")]


@one_engine
def test_joining_again_voids_the_token_of_the_old_machine(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    benches.join(floor.db, benches.new_join_secret(floor.db, BOSS, "Bench 1"))
    assert bench.call("GET", "/api/queue").status_code == 401


@one_engine
def test_a_bench_of_a_wire_version_we_do_not_serve_is_told_which_we_do(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    headers = {"Authorization": f"Bearer {bench.token}", wire.WIRE_HEADER: "99"}
    answer = floor.http.get("/api/queue", headers=headers)
    assert answer.status_code == 426
    assert "99" in answer.json()["detail"]


@one_engine
def test_benches_need_a_site_and_a_name_of_their_own(house: Database) -> None:
    assert "EAST" in refusal("not_found", benches.add_bench, house, BOSS, "Bench 2", "NOWHERE")
    refusal("invalid", benches.add_bench, house, BOSS, "Bench 1", "EAST")
    refusal("invalid", benches.add_bench, house, BOSS, " ", "EAST")
    refusal("invalid", benches.add_bench, house, BOSS, "Bench\x1b[31m", "EAST")


def test_a_person_signs_in_with_a_password_that_is_kept_as_argon2_only(house: Database) -> None:
    people.add_person(house, BOSS, "Sam", [Role.SUPERVISOR], login="Sam", password="correct horse")
    token = people.sign_in(house, "sam", "correct horse")
    assert digest(token) in stored(house, "web_session")
    assert "correct horse" not in stored(house, "person")
    assert "$argon2id$" in stored(house, "person")
    assert token not in stored(house, "web_session")


@one_engine
def test_a_wrong_password_an_unknown_login_and_a_person_kept_out_hear_the_same(house: Database) -> None:
    person = people.add_person(house, BOSS, "Sam", [Role.SUPERVISOR], login="sam", password="correct horse")
    said = {refusal("unauthorised", people.sign_in, house, *pair) for pair in (("sam", "wrong"), ("eve", "x"))}
    people.set_active(house, BOSS, person, False)
    said.add(refusal("unauthorised", people.sign_in, house, "sam", "correct horse"))
    assert len(said) == 1
    assert "eve" not in stored(house, "audit")


@one_engine
def test_a_web_session_ends_after_twelve_hours(house: Database) -> None:
    people.add_person(house, BOSS, "Sam", [Role.ADMIN], login="sam", password="correct horse")
    people.sign_in(house, "sam", "correct horse")
    with house.read() as connection:
        (expires,) = connection.execute(select(tables.web_session.c.expires_at)).scalars()
    assert abs(expires - house.now() - 12 * 3600) < 60


@pytest.mark.parametrize("end", ["password", "active"])
def test_a_new_password_and_keeping_out_end_the_sessions(house: Database, end: str) -> None:
    person = people.add_person(house, BOSS, "Sam", [Role.ADMIN], login="sam", password="correct horse")
    token = people.sign_in(house, "sam", "correct horse")
    if end == "password":
        people.set_password(house, BOSS, person, "battery staple")
    else:
        people.set_active(house, BOSS, person, False)
    with house.read() as connection:
        t = tables.web_session
        assert connection.execute(select(t.c.revoked).where(t.c.token_digest == digest(token))).scalar_one()


def test_every_change_of_people_is_audited_and_raises_the_version(house: Database) -> None:
    person = people.add_person(house, BOSS, "Ana", [Role.PACKER], "PPB-ANA-12345")
    changes: list[Callable[[], None]] = [
        lambda: people.set_roles(house, BOSS, person, [Role.PACKER, Role.DOCK]),
        lambda: people.set_badge(house, BOSS, person, "PPB-ANA-99999"),
        lambda: people.set_active(house, BOSS, person, False),
    ]
    for change in changes:
        before = version_now(house)
        change()
        assert version_now(house) > before
    with house.read() as connection:
        actions = set(connection.execute(select(tables.audit.c.action)).scalars())
    assert {"person.added", "person.roles", "person.badge", "person.active"} <= actions


def test_a_badge_is_kept_as_a_digest_and_belongs_to_one_person(house: Database) -> None:
    people.add_person(house, BOSS, "Ana", [Role.PACKER], "PPB-ANA-12345")
    kept = stored(house, "person")
    assert badge_digest("PPB-ANA-12345") in kept
    assert "ANA-12345" not in kept + stored(house, "audit")
    refusal("invalid", people.add_person, house, BOSS, "Eve", [Role.PACKER], "ppb-ana-12345")
    refusal("invalid", people.add_person, house, BOSS, "Eve", [Role.PACKER], "12345678901")


@one_engine
def test_incomplete_people_are_refused_with_what_was_expected(house: Database) -> None:
    assert "role" in refusal("invalid", people.add_person, house, BOSS, "Ana", [])
    assert "name" in refusal("invalid", people.add_person, house, BOSS, "  ", [Role.DOCK])
    assert "8 characters" in refusal("invalid", people.add_person, house, BOSS, "A", [Role.DESK], None, "a", "short")
    assert "together" in refusal("invalid", people.add_person, house, BOSS, "A", [Role.DESK], None, "a")
    assert stored(house, "person") == "[]"


def test_a_wall_screen_s_token_can_be_revoked_by_its_name(house: Database) -> None:
    token = people.add_wall(house, BOSS, "Hall")
    people.revoke_wall(house, BOSS, "Hall")
    with house.read() as connection:
        t = tables.web_session
        assert connection.execute(select(t.c.revoked).where(t.c.token_digest == digest(token))).scalar_one()
    refusal("not_found", people.revoke_wall, house, BOSS, "Hall")
