"""A server serves its own stations and those one version behind; every other is told so by 426 and keeps its scans."""

import pytest

from server import wire
from server.http import bench_api, dock_api
from server.http.routing import access_of
from tests.floor import Bench, Floor, one_engine

NOW = 7
"""A version with a past, whatever today's is."""


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server from a year in which the wire has changed some times."""
    monkeypatch.setattr(wire, "WIRE_VERSION", NOW)


def status(bench: Bench, version: str | None, method: str = "GET", path: str = "/api/queue") -> int:
    headers = {"Authorization": f"Bearer {bench.token}"} | ({} if version is None else {wire.WIRE_HEADER: version})
    return bench.floor.http.request(method, path, headers=headers).status_code


@one_engine
@pytest.mark.usefixtures("later")
def test_stations_of_this_version_and_the_one_before_are_served(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    for version in (NOW, NOW - 1):
        assert status(bench, str(version)) == 200
        assert status(bench, str(version), path="/api/snapshot") == 200


@one_engine
@pytest.mark.usefixtures("later")
def test_older_newer_and_unnamed_versions_are_refused_on_every_route_of_a_bench(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    served = [*bench_api.ROUTES, *dock_api.ROUTES]
    routes = [(m, r.path) for r in served for m in r.methods or () if m != "HEAD"]
    asked = [r for r in served if (access := access_of(r)) is not None and access.kind == "bench"]
    assert len(asked) == len(routes) - 1, "only joining needs no token"
    for route in asked:
        [method] = set(route.methods or ()) - {"HEAD"}
        path = route.path.format(session="s", parcel="p", load="l", tote="t", digest="d")
        for version in (str(NOW - 2), "0", str(NOW + 1), "", "x", f"{NOW}.0", None):
            assert status(bench, version, method, path) == 426, (method, path, version)


@one_engine
@pytest.mark.usefixtures("later")
def test_the_refusal_names_what_is_served_and_what_came(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    headers = {"Authorization": f"Bearer {bench.token}", wire.WIRE_HEADER: str(NOW - 2)}
    problem = wire.decode(floor.http.get("/api/queue", headers=headers).content, wire.Problem)
    assert problem.code == "wire_version"
    assert all(str(version) in problem.detail for version in (NOW, NOW - 1, NOW - 2))


@one_engine
def test_a_message_with_fields_of_a_newer_version_is_understood(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    headers = {"Authorization": f"Bearer {bench.token}", wire.WIRE_HEADER: str(wire.WIRE_VERSION)}
    body = b'{"ref": "nope", "session_id": "0b0e7f5e-5d0c-4c39-8a50-6d6ac3a55b0e", "person_id": 1, "added_later": [1]}'
    answer = floor.http.post("/api/orders/open", content=body, headers=headers)
    assert answer.json()["code"] == "unknown_code", "it was read, and the order is not there"
