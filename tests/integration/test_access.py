"""The server denies by default: every route has a declared access, and none answers a stranger."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

from server import wire
from server.app import create_app
from server.config import ServerConfig
from server.db.transaction import Database
from server.domain.people import Role
from server.http.access import Access
from server.http.call import Services
from server.http.routing import access_of
from server.usecases.staff import people
from tests.board_server import serving
from tests.floor import BOSS, make_floor

KINDS = {"public", "bench", "person", "viewer", "channel"}


def flat(routes: list[BaseRoute]) -> Iterator[BaseRoute]:
    """Every route, also those below mounts."""
    for each in routes:
        yield from flat(list(each.routes)) if isinstance(each, Mount) and each.routes else (each,)


def declared(app: Starlette) -> dict[tuple[str, str], Access | None]:
    """Access by (method, path); a mount without routes counts as undeclared."""
    found: dict[tuple[str, str], Access | None] = {}
    for each in flat(list(app.routes)):
        if not isinstance(each, Route):
            found["?", str(each)] = None
            continue
        for method in (each.methods or set()) - {"HEAD"}:
            found[method, each.path] = access_of(each)
    return found


def refused(answer: httpx.Response) -> bool:
    """Whether the caller was turned away as a stranger; a page sends a browser to the sign-in."""
    to_sign_in = answer.status_code == 303 and answer.headers["location"] == "/login" and not answer.content
    return answer.status_code == 401 or to_sign_in


def addressed(path: str) -> str:
    """The path with something in each of its holes."""
    return re.sub(r"\{channel[^}]*\}", "shop", re.sub(r"\{(?!channel)[^}]*\}", "1", path))


@pytest.fixture
def services(sqlite_db: Database, tmp_path: Path) -> Services:
    """Who may call does not depend on the engine: one is enough here."""
    return Services(sqlite_db, ServerConfig(data_dir=tmp_path))


@pytest.fixture
def app(services: Services) -> Starlette:
    """The whole service without its worker."""
    return create_app(services.config, services.db)


@pytest.fixture
def http(app: Starlette) -> Iterator[httpx.Client]:
    """A stranger's browser."""
    with serving(app) as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        yield client


def test_every_route_declares_who_may_call_it(app: Starlette) -> None:
    routes = declared(app)
    assert len(routes) > 15
    assert [name for name, access in routes.items() if access is None or access.kind not in KINDS] == []
    assert [name for name, access in routes.items() if access and access.kind == "public" and not access.why] == []
    for name, access in routes.items():
        assert access is not None
        assert access.roles or access.kind not in ("person", "viewer"), name


def test_a_route_without_declared_access_would_be_found() -> None:
    naked = Starlette(routes=[Route("/naked", lambda _: None)])
    assert list(declared(naked).values()) == [None]


def test_a_stranger_gets_nothing_from_any_route_that_is_not_public(
    app: Starlette, http: httpx.Client, services: Services
) -> None:
    floor = make_floor(services, http)
    tried = 0
    for (method, path), access in declared(app).items():
        assert access is not None
        if access.kind == "public":
            continue
        for token in ("", "made-up"):
            headers = {wire.WIRE_HEADER: str(wire.WIRE_VERSION), "Accept": "application/json"}
            headers |= {"Authorization": f"Bearer {token}"} if token else {}
            answer = http.request(method, addressed(path), headers=headers, content=b"{}")
            expected = refused(answer) if access.kind in ("person", "viewer") else answer.status_code == 401
            assert expected, (method, path, answer.status_code, answer.text)
            assert "Zoe Quill" not in answer.text
            tried += 1
    assert tried > 20
    assert floor.count("pack_session") == 0


def test_a_person_s_token_opens_no_bench_route_and_a_bench_s_token_no_page(
    app: Starlette, http: httpx.Client, services: Services
) -> None:
    floor = make_floor(services, http)
    bench = floor.bench("Bench 1")
    people.add_person(floor.db, BOSS, "Root", [Role.ADMIN], None, "root", "correct horse")
    tokens = {"person": people.sign_in(floor.db, "root", "correct horse"), "bench": bench.token}
    tokens["wall"] = people.add_wall(floor.db, BOSS, "Hall")
    strangers = {
        "bench": ("person", "wall"),
        "person": ("bench",),
        "viewer": ("bench",),
        "channel": ("bench", "person"),
    }
    for (method, path), access in declared(app).items():
        assert access is not None
        for kind in strangers.get(access.kind, ()):
            headers = {wire.WIRE_HEADER: str(wire.WIRE_VERSION), "Authorization": f"Bearer {tokens[kind]}"}
            answer = http.request(method, addressed(path), headers=headers | {"Accept": "application/json"})
            assert refused(answer), (method, path, kind, answer.status_code)


def test_a_wall_screen_only_looks(app: Starlette, http: httpx.Client, services: Services) -> None:
    floor = make_floor(services, http)
    token = people.add_wall(floor.db, BOSS, "Hall")
    for (method, path), access in declared(app).items():
        assert access is not None
        if access.kind == "person":
            headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
            answer = http.request(method, addressed(path), headers=headers)
            assert answer.status_code == 403, (method, path, answer.status_code)


def test_each_role_reaches_only_what_was_declared_for_it(
    app: Starlette, http: httpx.Client, services: Services
) -> None:
    make_floor(services, http)
    for role in Role:
        people.add_person(services.db, BOSS, role.value, [role], None, f"login-{role.value}", "correct horse")
        token = people.sign_in(services.db, f"login-{role.value}", "correct horse")
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        for (method, path), access in declared(app).items():
            assert access is not None
            if access.kind == "person" and role not in access.roles:
                answer = http.request(method, addressed(path), headers=headers)
                assert answer.status_code == 403, (method, path, role, answer.status_code)
