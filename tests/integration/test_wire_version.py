"""A server serves its own stations and those one version behind; every other is told so by 426 and keeps its scans."""

import dataclasses
import json
import typing
from pathlib import Path
from typing import Any

import pytest

from server import wire
from server.domain.benchwork.reasons import Reason
from server.http import bench_api, dock_api
from server.http.routing import access_of
from tests.floor import SOAP, Bench, Dock, Floor, one_engine

NOW = 7
"""A version with a past, whatever today's is."""
BEFORE = json.loads((Path(__file__).parents[1] / "golden" / "wire" / "version-1.json").read_text())
"""Of the version before this one: each message with its fields and whether they have to be there, and the words."""


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


@one_engine
def test_a_station_of_the_version_before_packs_an_order_and_loads_it(floor: Floor) -> None:
    bench, dock = floor.bench("Bench 1"), floor.bench("Dock 1")
    bench.wire_version = dock.wire_version = wire.WIRE_VERSION - 1
    label = bench.pack(floor.order(("SOAP", 1), carrier="own-van"), SOAP)
    there = Dock.at(dock)
    assert there.scan(label.tracking).reason is Reason.OK
    assert dock.close_load(there.load.load_id, 1).load.closed
    bench.wire_version = wire.WIRE_VERSION + 1
    assert bench.call("GET", "/api/queue").status_code == 426, "a station that was updated before its server waits"


@pytest.mark.parametrize("name", sorted(BEFORE["messages"]))
def test_a_message_of_the_version_before_has_all_of_its_fields_and_needs_no_more(name: str) -> None:
    before, now = BEFORE["messages"][name], _fields(getattr(wire, name))
    assert set(before) <= set(now), "what an older station reads is still there"
    needed = {field for field, required in now.items() if required}
    assert needed <= {field for field, required in before.items() if required}, "it cannot send what is newer"


@pytest.mark.parametrize("name", sorted(BEFORE["words"]))
def test_a_word_of_the_version_before_is_still_understood(name: str) -> None:
    assert set(BEFORE["words"][name]) <= set(typing.get_args(getattr(wire, name)))


def _fields(message: Any) -> dict[str, bool]:
    none = dataclasses.MISSING
    return {f.name: f.default is none and f.default_factory is none for f in dataclasses.fields(message)}
