"""Incidents reach people: by real mail and real webhooks, once, also when whoever carries them was away."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from standardwebhooks.webhooks import Webhook

from server.config import AlertRoute, Alerts
from server.db import alerts as rows
from server.db import tables
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.jobs import alerting
from server.usecases.alerting.alerting import Alerting
from server.usecases.record import incidents
from server.worker import Worker
from tests.book import BOSS, SECRET, count_rows, open_book, sell, until
from tests.mail_sink import mail_sink


def happen(db: Database, kind: IncidentType, cause: str, **about: Any) -> int:
    with transaction(db, BOSS, "test") as tx:
        made = incidents.open_incident(tx, kind, cause, **about)
    assert made is not None
    return made


def by_mail(url: str, **more: Any) -> Alerts:
    route = AlertRoute(name="desk", mail=("desk@shop.test", "ana@shop.test"), **more)
    return Alerts(mail_server=url, mail_from="packproof@shop.test", route=(route,))


def waiting(db: Database) -> int:
    with db.read() as connection:
        return sum(number for number, _ in rows.waiting(connection).values())


@contextmanager
def receiver(secret: str, statuses: list[int]) -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """It answers with these statuses, then 204; keeps (id, body) of what was signed with the secret."""
    got: list[tuple[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            Webhook(secret).verify(body, {k.lower(): v for k, v in self.headers.items()})
            got.append((self.headers["webhook-id"], json.loads(body)))
            self.send_response(statuses.pop(0) if statuses else 204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/hook", got
        server.shutdown()
        thread.join()


def test_an_incident_is_in_the_mail_within_seconds_and_only_once(db: Database) -> None:
    open_book(db)
    with mail_sink() as sink:
        worker = Worker(db, [alerting(by_mail(sink.url))])
        worker.start()
        try:
            happen(
                db, IncidentType.CHANNEL_DENIED, "channel etsy does not let us in: invalid_grant", once_key="denied:1"
            )
            until(lambda: bool(sink.got), "the mail", within=10)
            happen(db, IncidentType.STOCK_CONFLICT, "order 1001 found no CANDLE")
            until(lambda: len(sink.got) == 2, "the second mail", within=10)
        finally:
            worker.stop()
    first, second = sink.got
    assert first["Subject"] == "[Packproof urgent] channel etsy does not let us in: invalid_grant"
    assert (first["From"], first["To"]) == ("packproof@shop.test", "desk@shop.test, ana@shop.test")
    text = first.get_content()  # type: ignore[attr-defined]
    assert "shop, channel_denied, for the desk, since" in text
    assert "packproof incidents close" in text
    assert "order 1001 found no CANDLE" in second["Subject"]
    assert first["Message-ID"] != second["Message-ID"]
    assert waiting(db) == 0


def test_a_dead_mail_server_loses_nothing_and_a_bad_hour_is_one_mail(db: Database) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    now = [db.now()]
    db.now = lambda: now[0]
    tick = Alerting(by_mail(f"smtp://127.0.0.1:{port}"))
    for nth in range(30):
        happen(db, IncidentType.BAD_ORDER, f"order {nth} cannot be read")
    for _ in range(8):
        tick(db)
        now[0] += 400
    assert waiting(db) == 30
    with mail_sink(port) as sink:
        sink.refusing = True
        tick(db)
        assert sink.got == []
        sink.refusing = False
        now[0] += 400
        tick(db)
        tick(db)
        [mail] = sink.got
    assert mail["Subject"].endswith("and 29 more")
    text = mail.get_content()  # type: ignore[attr-defined]
    assert all(f"order {nth} cannot be read" in text for nth in range(30))
    assert waiting(db) == 0


def test_the_first_retry_comes_within_seconds(sqlite_db: Database) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    happen(sqlite_db, IncidentType.PRINTER, "the printer is out of labels")
    before = sqlite_db.now()
    Alerting(by_mail(f"smtp://127.0.0.1:{port}"))(sqlite_db)
    with sqlite_db.read() as connection:
        row = connection.execute(select(tables.alert)).one()
    assert (row.state, row.attempts) == ("waiting", 1)
    assert row.next_at - before < 5
    assert "ConnectionRefusedError" in row.trouble


def test_a_webhook_is_signed_keeps_its_id_and_one_failure_keeps_no_other_back(db: Database, tmp_path: Path) -> None:
    open_book(db)
    (tmp_path / "secret").write_text(SECRET + "\n")
    now = [db.now()]
    db.now = lambda: now[0]
    taken = sell(db, "S-1", ("CANDLE", 1))
    happen(db, IncidentType.PAYMENT, "the money of order 1001 went back", order_id=taken.order_id)
    happen(db, IncidentType.FRAUD, "order 1001 is suspected", order_id=taken.order_id)
    with receiver(SECRET, [503]) as (url, got):
        route = AlertRoute(name="hook", webhook=url, secret_file=str(tmp_path / "secret"), channels=("shop",))
        tick = Alerting(Alerts(route=(route,)))
        tick(db)
        assert len(got) == 1
        now[0] += 1.5
        tick(db)
        assert [body["data"]["type"] for _, body in got] == ["payment", "fraud"]
        now[0] += 10
        tick(db)
        tick(db)
    assert [body["data"]["type"] for _, body in got] == ["payment", "fraud", "payment"]
    assert got[2] == got[0]
    data = got[0][1]["data"]
    assert (data["channel"], data["order"], data["severity"], data["owner"]) == ("shop", "1001", "warning", "desk")
    assert waiting(db) == 0


def test_what_closed_by_itself_what_is_old_and_what_nobody_wants_is_not_sent(db: Database) -> None:
    now = [db.now()]
    db.now = lambda: now[0] - 7200
    happen(db, IncidentType.PRINTER, "two hours ago")
    db.now = lambda: now[0]
    happen(db, IncidentType.CHANNEL_UNREACHABLE, "for a second", once_key="channel:1")
    with transaction(db, BOSS, "test") as tx:
        incidents.close_by_key(tx, "channel:1", "it answers again")
    happen(db, IncidentType.LOW_STOCK, "candles run low")
    with mail_sink() as sink:
        tick = Alerting(by_mail(sink.url))
        tick(db)
        tick(db)
    assert sink.got == []
    assert count_rows(db, tables.alert) == 1


def test_workers_that_look_at_the_same_moment_send_one_mail(postgres_db: Database) -> None:
    happen(postgres_db, IncidentType.PRINTER, "the printer is out of labels")
    with mail_sink() as sink:
        tick = Alerting(by_mail(sink.url))
        threads = [threading.Thread(target=tick, args=(postgres_db,)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        until(lambda: bool(sink.got), "the mail")
    assert len(sink.got) == 1


def test_what_nobody_takes_in_its_time_goes_to_the_next_route_once_and_what_is_taken_or_closed_does_not(
    sqlite_db: Database,
) -> None:
    db = sqlite_db
    now = [db.now()]
    db.now = lambda: now[0]
    with mail_sink() as sink:
        desk = AlertRoute(name="desk", mail=("desk@shop.test",), escalate_to="boss", escalate_minutes=30)
        boss = AlertRoute(name="boss", mail=("boss@shop.test",), types=("none of these",), escalate_to="desk")
        tick = Alerting(Alerts(mail_server=sink.url, mail_from="packproof@shop.test", route=(desk, boss)))
        nobodys = happen(db, IncidentType.PRINTER, "the printer is out of labels")
        taken = happen(db, IncidentType.FRAUD, "order 7 is suspected")
        happen(db, IncidentType.CHANNEL_UNREACHABLE, "etsy is away", once_key="channel:1")
        tick(db)
        assert incidents.take_incident(db, BOSS, taken) == incidents.take_incident(db, Actor("late"), taken)
        with transaction(db, BOSS, "test") as tx:
            incidents.close_by_key(tx, "channel:1", "it answers again")
        now[0] += 1799
        tick(db)
        assert [mail["To"] for mail in sink.got] == ["desk@shop.test"]
        for _ in range(4):
            now[0] += 2000
            tick(db)
    assert [mail["To"] for mail in sink.got] == ["desk@shop.test", "boss@shop.test"]
    text = sink.got[1].get_content()  # type: ignore[attr-defined]
    assert "Nobody has taken it; desk was told first." in text
    assert f"packproof incidents take {nobodys}" in text
    assert "suspected" not in text
    incidents.close_incident(db, BOSS, taken, "looked at")
    with pytest.raises(DomainError, match="is closed: looked at"):
        incidents.take_incident(db, BOSS, taken)


@pytest.mark.parametrize("secret", ["not a secret", ""])
def test_a_secret_that_cannot_sign_is_trouble_and_no_crash(sqlite_db: Database, tmp_path: Path, secret: str) -> None:
    (tmp_path / "secret").write_text(secret)
    happen(sqlite_db, IncidentType.PRINTER, "x")
    route = AlertRoute(name="hook", webhook="http://127.0.0.1:9/", secret_file=str(tmp_path / "secret"))
    Alerting(Alerts(route=(route,)))(sqlite_db)
    assert waiting(sqlite_db) == 1
