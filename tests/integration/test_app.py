"""The service as a process: it answers, it counts, it keeps secrets out of its log, and it stops cleanly."""

import json
import signal
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from server import __version__
from server.app import create_app, open_database
from server.config import ServerConfig
from server.http.routing import access_of
from server.tls import fingerprint
from server.usecases.staff import people
from tests import warm
from tests.book import BOSS, incidents_of, open_book, order_body, publish, sell, signed, until


@dataclass
class Service:
    """A running server process."""

    process: warm.Process
    config: ServerConfig
    log: Path

    def records(self) -> list[dict[str, object]]:
        """Its log so far."""
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]


@contextmanager
def running(folder: Path, host: str = "127.0.0.1") -> Iterator[Service]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = ServerConfig(data_dir=folder, host=host, port=port)
    code = (
        "import sys; from pathlib import Path; from server.app import serve; from server.config import ServerConfig; "
    )
    code += "serve(ServerConfig(data_dir=Path(sys.argv[1]), host=sys.argv[2], port=int(sys.argv[3])))"
    log = folder / "log"
    with log.open("wb") as sink:
        process = warm.start(code, str(folder), host, str(port), stderr=sink)
    try:
        until(lambda: _answers(port) or process.poll() is not None, "the server listens", within=30)
        assert process.poll() is None, log.read_text(encoding="utf-8")
        yield Service(process, config, log)
    finally:
        process.kill()
        process.wait(10)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_server_takes_an_order_and_stops_with_exit_code_0(tmp_path: Path) -> None:
    config = ServerConfig(data_dir=tmp_path)
    database = open_database(config)
    open_book(database)
    wall = people.add_wall(database, BOSS, "hall")
    with running(tmp_path) as service, httpx.Client(base_url=service.config.url, trust_env=False) as client:
        health = client.get("/healthz?name=Zoe+Quill").json()
        assert (health.pop("status"), health.pop("version"), abs(health.pop("at") - time.time()) < 5) == (
            "ok",
            __version__,
            True,
        )
        assert health == {}
        body = json.dumps(order_body("S-1", ("CANDLE", 1))).encode()
        headers = signed(body, "m-1") | {"X-Request-Id": "req-77"}
        assert client.post("/channels/shop/orders", content=body, headers=headers).status_code == 201
        assert client.get("/metrics").status_code == 401
        figures = client.get("/metrics", headers={"Authorization": f"Bearer {wall}"}).text
        assert 'packproof_orders{status="ready"} 1.0' in figures
        assert 'packproof_requests_total{method="POST",route="/channels/{channel}/orders",status="201"} 1.0' in figures
        assert client.get("/no/such/Zoe+Quill").status_code == 404
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(10) == 0
        records = service.records()
        text = service.log.read_text(encoding="utf-8")
    assert not any(word in text for word in ("Zoe", "Hidden"))
    taken = next(r for r in records if r.get("path") == "/channels/{channel}/orders")
    assert (taken["status"], taken["request_id"], taken["method"]) == (201, "req-77", "POST")
    order = next(r for r in records if r["event"] == "order")
    assert (order["order"], order["request_id"]) == ("1001", "req-77")
    database.engine.dispose()


def test_a_request_in_flight_is_finished_before_the_server_stops(tmp_path: Path) -> None:
    with running(tmp_path) as service, socket.create_connection(("127.0.0.1", service.config.port)) as wire:
        wire.settimeout(10)
        wire.sendall(
            b"POST /channels/shop/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        )
        assert wire.recv(64).startswith(b"HTTP/1.1 100")  # It waits for the body now.
        service.process.send_signal(signal.SIGTERM)
        until(lambda: not _answers(service.config.port), "no new connection is taken")
        wire.sendall(b"{}")
        assert wire.recv(64).startswith(b"HTTP/1.1 404")
        assert service.process.wait(10) == 0


def test_beyond_loopback_it_speaks_tls_with_a_certificate_of_its_own(tmp_path: Path) -> None:
    with running(tmp_path, "0.0.0.0") as service:
        pem = (tmp_path / "server.crt").read_bytes()
        context = ssl.create_default_context(cadata=pem.decode())
        with httpx.Client(verify=context, trust_env=False) as client:
            assert client.get(f"https://127.0.0.1:{service.config.port}/healthz").status_code == 200
        seen = ssl.get_server_certificate(("127.0.0.1", service.config.port))
        assert fingerprint(seen.encode()) == fingerprint(pem)
        assert len(fingerprint(pem)) == 64
        assert (tmp_path / "server.key").stat().st_mode & 0o777 == 0o600
    with running(tmp_path, "0.0.0.0"):
        assert (tmp_path / "server.crt").read_bytes() == pem


def test_every_route_says_who_may_call_it(tmp_path: Path) -> None:
    app = create_app(ServerConfig(data_dir=tmp_path))
    undeclared = [route for route in app.routes if hasattr(route, "endpoint") and access_of(route) is None]  # type: ignore[arg-type]
    assert undeclared == []
    app.state.services.db.engine.dispose()


def test_figures_name_what_waits_and_what_is_open(tmp_path: Path) -> None:
    app = create_app(ServerConfig(data_dir=tmp_path))
    db = app.state.services.db
    open_book(db, candles=1, url="http://127.0.0.1:9")
    sell(db, "S-1", ("CANDLE", 2))
    assert len(incidents_of(db, "stock_conflict")) == 1
    publish(db)
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in app.state.meter.collect()
        for sample in family.samples
    }
    assert found["packproof_orders", "conflict"] == 1
    assert found["packproof_incidents_open", "stock_conflict"] == 1
    assert found["packproof_pushes_waiting", "shop", "stock"] == 2
    assert found["packproof_push_lag_seconds", "shop", "stock"] >= 0
    db.engine.dispose()
