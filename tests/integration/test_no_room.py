"""The disk is full, the database is gone, a caller leaves: a clear answer, nothing half done, and it comes back."""

import json
import shutil
import socket
from pathlib import Path

import httpx
from sqlalchemy import select, text
from structlog.testing import capture_logs

from server.app import create_app
from server.config import ServerConfig
from server.db import tables
from server.db.engine import open_engine
from server.db.transaction import Database
from tests.book import SHIP_TO, count_rows, ledger_sums, level, open_book, order_body, serving, signed, until

MARKERS = ("Zoe Quill", "Hidden Lane", "Springfield")


def sell(client: httpx.Client, number: int, **changes: object) -> httpx.Response:
    body = json.dumps(order_body(f"S-{number}", ("CANDLE", 1), **changes)).encode()
    return client.post("/channels/shop/orders", content=body, headers=signed(body, f"m-{number}"))


def limit_pages(db: Database, more: int) -> None:
    """SQLite says "database or disk is full" when the file may not grow, as it does on a full disk."""

    def limited(connection: object, _record: object, _proxy: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages + more if more else 2**30}")

    from sqlalchemy import event

    event.listen(db.engine, "checkout", limited)


def test_on_a_full_disk_orders_are_refused_without_a_trace_of_the_buyer_and_taken_afterwards(
    sqlite_template: Path, tmp_path: Path
) -> None:
    shutil.copy(sqlite_template, tmp_path / "packproof.db")
    db = Database(open_engine(f"sqlite:///{tmp_path / 'packproof.db'}"))
    open_book(db, candles=1000)
    app = create_app(ServerConfig(data_dir=tmp_path, worker=False), db)
    with serving(app) as client, capture_logs() as logs:
        limit_pages(db, 1)
        big = {"note": "x" * 200_000}
        refused = [sell(client, number, **big) for number in range(3)]
        assert {answer.status_code for answer in refused} == {503}
        assert {answer.json()["code"] for answer in refused} == {"unavailable"}
        assert client.get("/healthz").status_code == 200
        assert (count_rows(db, tables.order), level(db)) == (0, (1000, 0))
        limit_pages(db, 0)
        assert {sell(client, number, **big).status_code for number in range(3)} == {201}
    assert level(db) == ledger_sums(db, "CANDLE") == (1000, 3)
    said = " ".join([*(answer.text for answer in refused), *map(str, logs)])
    assert "full" in said
    assert [marker for marker in MARKERS if marker in said] == []
    db.engine.dispose()


def test_without_its_database_the_server_says_so_and_goes_on_when_it_is_back(tmp_path: Path, db: Database) -> None:
    open_book(db)
    app = create_app(ServerConfig(data_dir=tmp_path, worker=False), db)
    with serving(app) as client, capture_logs() as logs:
        assert sell(client, 1).status_code == 201
        with db.engine.begin() as connection:
            connection.execute(text("ALTER TABLE recipient RENAME TO gone"))
        refused = sell(client, 2)
        assert refused.status_code in (500, 503)
        assert logs
        with db.engine.begin() as connection:
            connection.execute(text("ALTER TABLE gone RENAME TO recipient"))
        assert sell(client, 2).status_code == 201
    assert level(db) == (10, 2)
    told = " ".join(f"{entry} {entry.get('exc_info')}" for entry in logs)
    assert [marker for marker in MARKERS if marker in f"{refused.text} {told}"] == []


def test_a_caller_who_leaves_in_the_middle_of_a_body_is_not_a_bug_of_ours(tmp_path: Path, sqlite_db: Database) -> None:
    open_book(sqlite_db)
    app = create_app(ServerConfig(data_dir=tmp_path, worker=False), sqlite_db)
    with serving(app) as client, capture_logs() as logs:
        address = (str(client.base_url.host), int(client.base_url.port or 0))
        with socket.create_connection(address, 5) as caller:
            caller.sendall(b"POST /api/join HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n{")
        until(lambda: any(entry.get("path") == "/api/join" for entry in logs), "the request ends")
        assert [entry for entry in logs if entry.get("event") == "bug"] == []
        assert client.get("/healthz").status_code == 200


def test_a_buyer_s_data_are_in_one_table_whatever_happened_to_the_order(db: Database, tmp_path: Path) -> None:
    open_book(db, candles=2)
    to = SHIP_TO | {"phone": "+1 555 0199", "email": "zoe@example.com", "company": "Quillworks"}
    app = create_app(ServerConfig(data_dir=tmp_path, worker=False), db)
    with serving(app) as client, capture_logs() as logs:
        answers = [sell(client, 1, ship_to=to), sell(client, 2, ship_to=to | {"city": ""}), sell(client, 3, ship_to=to)]
        answers += [sell(client, 3, ship_to=to | {"city": "Shelbyville"}), sell(client, 4, ship_to=[to])]
        answers += [
            sell(client, 5, ship_to=to | {"lines": "7 Hidden Lane"}),
            sell(client, 6, ship_to=to, paid="Zoe Quill"),
        ]
        cancel = json.dumps({"reason": "Zoe Quill called"}).encode()
        path = "/channels/shop/orders/S-1/cancel"
        answers.append(client.post(path, content=cancel, headers=signed(cancel, "c-1")))
    assert {answer.status_code for answer in answers} == {200, 201, 400, 409}
    secrets = (*MARKERS, "Shelbyville", "555 0199", "5550199", "zoe@", "Quillworks")
    seen = {"answers and logs": " ".join([*(answer.text for answer in answers), *map(str, logs)])}
    with db.read() as connection:
        for table in tables.metadata.sorted_tables:
            if table is not tables.recipient:
                seen[table.name] = str(connection.execute(select(table)).all())
    found = {(name, secret) for name, said in seen.items() for secret in secrets if secret in said}
    assert found == set()
