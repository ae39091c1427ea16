"""Every answer of the server becomes a value, a refusal with its code, or "try later"."""

from collections.abc import Callable

import httpx
import pytest

from server import wire
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError, Unavailable
from station.server_client import ANSWER_SECONDS, CLOSE_SECONDS, NotAdmitted, ServerClient
from tests.fakes import FakeServer

PROBLEM = {"content-type": "application/problem+json"}


def client(answer: Callable[[httpx.Request], httpx.Response]) -> ServerClient:
    return ServerClient("http://server", "s3cret", transport=httpx.MockTransport(answer))


def test_every_request_carries_token_version_and_an_id_of_its_own() -> None:
    seen: list[httpx.Headers] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers)
        return httpx.Response(200, content=wire.encode(wire.Queue(waiting=0, items=())))

    c = client(answer)
    c.queue()
    c.queue()
    assert seen[0]["authorization"] == "Bearer s3cret"
    assert seen[0]["x-wire-version"] == str(wire.WIRE_VERSION)
    assert seen[0]["x-request-id"] != seen[1]["x-request-id"]
    c.close()


def test_a_refusal_keeps_its_code_words_and_facts() -> None:
    body = wire.encode(wire.Problem(code="in_use", detail="Ben has it", status=409, facts={"bench": "Bench 2"}))
    c = client(lambda _: httpx.Response(409, content=body, headers=PROBLEM))
    with pytest.raises(DomainError) as caught:
        c.open_order(wire.OpenRequest(ref="1", session_id="s", person_id=1))
    assert (caught.value.code, caught.value.detail) == (Reason.IN_USE, "Ben has it")
    assert caught.value.facts == {"bench": "Bench 2", "refused": "in_use"}
    c.close()


@pytest.mark.parametrize(
    ("status", "headers", "body", "error"),
    [
        (500, PROBLEM, b'{"code": "bug", "detail": "x", "status": 500}', Unavailable),
        (429, PROBLEM, b'{"code": "slow", "detail": "x", "status": 429}', Unavailable),
        (404, {"content-type": "text/html"}, b"<h1>nginx</h1>", Unavailable),
        (409, PROBLEM, b"{", Unavailable),
        (200, {}, b"<h1>captive portal</h1>", Unavailable),
        (302, {}, b"", Unavailable),
        (401, PROBLEM, b'{"code": "unauthorized", "detail": "x", "status": 401}', NotAdmitted),
        (426, PROBLEM, b'{"code": "old", "detail": "x", "status": 426}', NotAdmitted),
    ],
)
def test_what_decides_nothing_is_to_be_tried_later(
    status: int, headers: dict[str, str], body: bytes, error: type[Exception]
) -> None:
    c = client(lambda _: httpx.Response(status, content=body, headers=headers))
    with pytest.raises(error):
        c.snapshot()
    c.close()


def test_a_dead_server_is_unavailable() -> None:
    c = ServerClient("http://127.0.0.1:9")
    with pytest.raises(Unavailable):
        c.snapshot()
    c.close()
    with pytest.raises(Unavailable):
        c.snapshot()


def test_ids_from_outside_stay_inside_their_path_segment() -> None:
    paths: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.raw_path)
        return httpx.Response(404)

    c = client(answer)
    with pytest.raises(Unavailable):
        c.reprint("../../admin?x=1")
    assert paths == [b"/api/parcels/..%2F..%2Fadmin%3Fx%3D1/reprint"]
    c.close()


def test_a_close_may_take_longer_than_any_other_answer() -> None:
    patience: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        patience.append(request.extensions["timeout"]["read"])
        return httpx.Response(404)

    c = client(answer)
    with pytest.raises(Unavailable):
        c.load("L")
    with pytest.raises(Unavailable):
        c.close_load("L", wire.CloseRequest(person_id=3, loaded=2000))
    with pytest.raises(Unavailable):
        c.pickup(wire.PickupRequest(carrier="van", person_id=3, count=2000))
    assert patience == [ANSWER_SECONDS, CLOSE_SECONDS, CLOSE_SECONDS]
    c.close()


def test_every_endpoint_has_a_typed_method() -> None:
    server = FakeServer()
    c = server.client()
    assert c.snapshot().bench == "Bench 1"
    assert c.heartbeat(wire.Heartbeat(at=1.0)).snapshot_version == 1
    load = c.open_load(wire.LoadRequest(carrier="van", person_id=3)).load
    assert c.load(load.load_id).load == load
    assert c.close_load(load.load_id, wire.CloseRequest(person_id=3, loaded=0)).load.closed
    assert c.manifest(load.load_id).startswith(b"%PDF")
    c.close()
