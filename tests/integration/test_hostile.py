"""Whatever arrives at a route gets a clear refusal: never a 500, never a row that spoils what others read."""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.app import create_app
from server.config import ServerConfig
from server.db.engine import is_sqlite
from server.db.transaction import Database
from server.http.call import Services
from server.usecases.overview.board import read_board
from server.usecases.record.timeline import timeline
from server.usecases.warehouse.counting import count_on_hand
from tests.book import order_body, serving, signed
from tests.floor import BOSS, MUG, Bench, Floor, make_floor

BIG = (2**31, 2**63, 2**64, 10**400, -1, -(2**63), 0)
TEXTS = ("\0", "a\0b", "x" * 20_000, "﷐\U0010ffff", "'; DROP TABLE orders; --", "../../etc/passwd", "\r\nX-Bad: 1", "")
TIMES = ("1e308", "-1e308", "1e400", "NaN", "Infinity", "253402300800", "-1", "1e17")
DEEP = "[" * 100_000 + "]" * 100_000


@pytest.fixture
def house(db: Database, tmp_path: Path) -> Iterator[Floor]:
    """The whole service on a real socket over a small warehouse."""
    config = ServerConfig(data_dir=tmp_path, worker=False)
    with serving(create_app(config, db)) as client:
        floor = make_floor(Services(db, config), client)
        count_on_hand(db, BOSS, "MUG", "EAST", 100_000)
        yield floor


def post(bench: Bench, path: str, text: str | bytes) -> httpx.Response:
    """A body as it stands, with the bench's token."""
    headers = {"Authorization": f"Bearer {bench.token}", "X-Wire-Version": "1"}
    return bench.floor.http.post(path, content=text, headers=headers)


def scan(**changes: Any) -> dict[str, Any]:
    """One event of a pack session in JSON."""
    event = {"seq": 1, "at": 1.7e9, "kind": "scan", "person_id": 1, "raw": MUG}
    return event | changes


def hostile_events() -> Iterator[str]:
    """Bodies for both kinds of events."""
    for key in ("raw", "source", "parser", "tracking", "parcel_id", "problem"):
        for text in TEXTS:
            yield json.dumps(scan(**{key: text}))
    for kind in ("label", "stop", "park", "resume"):
        for text in TEXTS:
            yield json.dumps(scan(kind=kind, tracking=text, parcel_id=text, reason="cancelled"))
    for key in ("seq", "person_id", "catalog_version"):
        for number in BIG:
            yield json.dumps(scan(**{key: number}))
    for at in TIMES:
        yield json.dumps(scan()).replace("1700000000.0", at)
    yield json.dumps(scan(raw="SURROGATE")).replace("SURROGATE", "\\ud800")
    yield json.dumps(scan()).replace('"kind"', f'"more": {DEEP}, "kind"')


def check_what_others_read(bench: Bench) -> None:
    """The queue, the snapshot and the board are still there."""
    for path in ("/api/queue", "/api/snapshot"):
        answer = bench.call("GET", path)
        assert answer.status_code == 200, answer.text
    read_board(bench.floor.db)


def test_no_event_of_a_pack_session_breaks_the_server_or_the_timeline(house: Floor) -> None:
    bench = house.bench("1")
    numbers = []
    # One in three on PostgreSQL: what only it refuses, a zero in a text, has tests of its own (test_nul).
    for event in hostile_events() if is_sqlite(house.db.engine) else [*hostile_events()][::3]:
        numbers.append(house.order(("MUG", 1)))
        bench.open(numbers[-1])
        assert bench.session is not None
        answer = post(bench, f"/api/sessions/{bench.session.session_id}/events", f'{{"events": [{event}]}}')
        assert answer.status_code < 500, (event[:200], answer.text)
    check_what_others_read(bench)
    with house.db.read() as connection:
        for number in numbers:
            assert [datetime.fromtimestamp(row.at, UTC) for row in timeline(connection, number)]


def test_no_scan_at_the_dock_breaks_the_server(house: Floor) -> None:
    bench = house.bench("1")
    load = bench.open_load().load.load_id
    for event in hostile_events():
        if '"kind": "scan"' in event:
            body = f'{{"dock_session": "{uuid.uuid4()}", "events": [{event}]}}'
            answer = post(bench, f"/api/loads/{load}/events", body)
            assert answer.status_code < 500, (event[:200], answer.text)
    for text in TEXTS:
        body = json.dumps({"dock_session": text, "events": [scan()]})
        answer = post(bench, f"/api/loads/{load}/events", body)
        assert answer.status_code < 500, (text[:50], answer.text)


def test_no_message_of_a_bench_breaks_the_server(house: Floor) -> None:
    bench = house.bench("1")
    bodies: list[tuple[str, Any]] = []
    for text in TEXTS:
        bodies += [
            ("/api/orders/open", {"ref": text, "session_id": str(uuid.uuid4()), "person_id": 1}),
            ("/api/orders/open", {"ref": "1001", "session_id": text, "person_id": 1}),
            ("/api/loads", {"carrier": text, "person_id": house.people["dock"]}),
            ("/api/join", {"secret": text}),
            ("/api/heartbeat", {"at": 1.0, "open_sessions": [text], "order_number": text, "scanner": text}),
        ]
    for number in BIG:
        bodies += [
            ("/api/orders/open", {"ref": "1001", "session_id": str(uuid.uuid4()), "person_id": number}),
            ("/api/loads", {"carrier": "own-van", "person_id": number}),
            ("/api/heartbeat", {"at": 1.0, "person_id": number, "unsent": number, "verified": number, "units": number}),
            ("/api/loads/LOAD000001/close", {"person_id": house.people["dock"], "loaded": number}),
        ]
    for path, body in bodies:
        answer = post(bench, path, json.dumps(body))
        assert answer.status_code < 500, (path, str(body)[:200], answer.text)
        if path == "/api/heartbeat" and answer.is_success:
            read_board(house.db)
    for at in TIMES:
        for key in ("at", "since", "last_at"):
            text = f'{{"at": 1.0, "{key}": {at}}}' if key != "at" else f'{{"at": {at}}}'
            answer = post(bench, "/api/heartbeat", text)
            assert answer.status_code < 500, (text, answer.text)
            if answer.is_success:
                read_board(house.db)
    for body in (b"", b"\xff\xfe", b"{", DEEP.encode(), b'{"at": ' + DEEP.encode() + b"}", b"null", b"1" * 10_000):
        for path in ("/api/heartbeat", "/api/orders/open", "/api/join", "/api/loads"):
            answer = post(bench, path, body)
            assert answer.status_code < 500, (path, body[:50], answer.text)


def test_no_address_breaks_the_server(house: Floor) -> None:
    bench = house.bench("1")
    for part in ("%00", "a%00b", "%ff%fe", "x" * 5000, "..%2f..%2fetc%2fpasswd", "%0d%0aX-Bad:1", "%ed%a0%80"):
        for method, path in (
            ("POST", f"/api/sessions/{part}/events"),
            ("POST", f"/api/sessions/{part}/label"),
            ("POST", f"/api/parcels/{part}/reprint"),
            ("GET", f"/api/loads/{part}"),
            ("GET", f"/api/loads/{part}/manifest.pdf"),
            ("POST", f"/api/loads/{part}/events"),
            ("POST", f"/api/loads/{part}/close"),
            ("POST", f"/channels/{part}/orders"),
            ("POST", f"/channels/shop/orders/{part}/cancel"),
            ("GET", f"/wall/{part}"),
            ("GET", f"/static/{part}"),
            ("POST", f"/incidents/{part}/close"),
        ):
            body = {"events": [scan()], "dock_session": "d"} if "events" in path else {"person_id": 1, "loaded": 0}
            answer = bench.call(method, path, body)
            assert answer.status_code < 500, (method, path[:100], answer.text)
            assert "X-Bad" not in answer.headers
            assert "root:" not in answer.text


def test_no_login_breaks_the_server(house: Floor) -> None:
    origin = {"Origin": str(house.http.base_url).rstrip("/"), "content-type": "application/x-www-form-urlencoded"}
    for login in (
        b"login=%00&password=x",
        b"login=a&password=%00",
        b"login=%ed%a0%80",
        b"\xff",
        b"&" * 5000,
        b"l=" + b"x" * 9**6,
    ):
        answer = house.http.post("/login", content=login, headers=origin)
        assert answer.status_code < 500, (login[:50], answer.text[:200])
    for cookie in ("packproof=\xff", "packproof=%00", "packproof=" + "x" * 5000):
        assert house.http.get("/board", headers={b"cookie": cookie.encode("latin-1")}).status_code < 500


def hostile_orders() -> Iterator[str]:
    """Orders as a careless or wicked shop would send them."""
    for key in ("note", "currency", "carrier", "service", "order_id", "placed_at", "ship_by"):
        for text in TEXTS:
            yield json.dumps(order_body("S-1", ("MUG", 1)) | {key: text})
    for text in TEXTS:
        yield json.dumps(order_body("S-1", (text, 1)))
        line = {"sku": "MUG", "quantity": 1, "title": text, "price": text, "line_id": text}
        yield json.dumps(order_body("S-1", ("MUG", 1)) | {"lines": [line], text: text})
        yield json.dumps(
            order_body("S-1", ("MUG", 1), ship_to={"name": text, "lines": [text], "city": text, "country": text})
        )
    for number in BIG:
        yield json.dumps(order_body("S-1", ("MUG", number)))
        yield json.dumps(order_body("S-1", ("MUG", 1), extra=number))
        yield json.dumps(order_body("S-1", *[("MUG", number)] * 400))
    yield json.dumps(order_body("S-1", *[("MUG", 1_000_000)] * 500))
    for at in ("0001-01-01T00:00:00+14:00", "0001-01-01", "9999-12-31T23:59:59-14:00", "9999-12-31", "1969-12-31"):
        yield json.dumps(order_body("S-1", ("MUG", 1), ship_by=at))
        yield json.dumps(order_body("S-1", ("MUG", 1), placed_at=at))
    for deep in (DEEP, "[" * 900 + "]" * 900, "[" * 400 + "]" * 400, '{"a":' * 300 + "1" + "}" * 300):
        yield json.dumps(order_body("S-1", ("MUG", 1))).replace('"paid"', f'"more": {deep}, "paid"')
    yield json.dumps(order_body("S-1", ("MUG", 1), more="SURROGATE")).replace("SURROGATE", "\\ud800")
    yield json.dumps(order_body("S-1", ("MUG", 1), more="FLOAT")).replace('"FLOAT"', "1e400")
    yield json.dumps(order_body("S-1", ("MUG", 1), more="FLOAT")).replace('"FLOAT"', "-0.0")
    yield "[]"


def test_no_order_breaks_the_server_or_the_queue_of_the_benches(house: Floor) -> None:
    bench = house.bench("1")
    ready = []
    for number, text in enumerate(hostile_orders()):
        body = text.replace('"S-1"', f'"H-{number}"').encode()
        answer = house.http.post("/channels/shop/orders", content=body, headers=signed(body, f"m-{number}"))
        assert answer.status_code < 500, (text[:300], answer.text)
        if answer.is_success and answer.json()["status"] == "ready":
            ready.append(answer.json()["order"])
    check_what_others_read(bench)
    assert len(ready) > 20
    for order in ready:
        asked = {"ref": order, "session_id": str(uuid.uuid4()), "person_id": house.people["packer"]}
        answer = bench.call("POST", "/api/orders/open", asked)
        assert answer.status_code == 200, (order, answer.text)
    check_what_others_read(bench)
