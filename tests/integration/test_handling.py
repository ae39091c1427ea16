"""How goods are handled at the bench is said at the terminal, over HTTP and in files alike."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from server.cli.opening import operator
from server.config import ServerConfig
from server.db import tables
from server.db.transaction import Database
from server.domain.people import Role
from server.http import handling_api
from server.http.call import Services
from server.usecases.masterdata.boxes import boxes
from server.usecases.masterdata.handling import inserts
from server.usecases.masterdata.masters import master
from server.usecases.starting.importing import import_file
from tests.board_server import signed_in
from tests.book import BOSS, open_book, sell, serving
from tests.integration.test_goods_cli import Run, shop

__all__ = ["shop"]

Shop = tuple[Database, Run]
HANDLED = ("length_mm", "width_mm", "height_mm", "pack_note", "material", "own_box", "hazmat", "hazmat_services")


def handled(db: Database, sku: str) -> list[object]:
    """Everything the bench is told of a product beside its name and codes."""
    with db.read() as connection:
        told = master(connection, sku)
    return [told[name] for name in HANDLED]


def notes(db: Database) -> list[tuple[str, str]]:
    """(scope, text) of every note."""
    with db.read() as connection:
        return [(row.scope, row.text) for row in connection.execute(select(tables.order_note))]


@pytest.fixture
def client(sqlite_db: Database, tmp_path: Path) -> Iterator[httpx.Client]:
    """The routes over a small book, called by a supervisor."""
    app = Starlette(routes=handling_api.ROUTES)
    app.state.services = Services(sqlite_db, ServerConfig(data_dir=tmp_path))
    open_book(sqlite_db)
    with serving(app) as client:
        client.headers["authorization"] = f"Bearer {signed_in(sqlite_db, Role.SUPERVISOR)}"
        yield client


def test_a_product_is_measured_and_noted_at_the_terminal_and_the_rest_stays(shop: Shop) -> None:
    db, run = shop
    words = ("--size", "90x60x40", "--pack-note", "Lid up.", "--material", "bubble wrap", "--own-box", "--hazmat")
    assert run("sku", "set", "SOAP", *words, "--hazmat-service", "own-van/standard").stderr == "SOAP is changed\n"
    expected: list[object] = [90, 60, 40, "Lid up.", "bubble wrap", True, True, ["own-van/standard"]]
    assert handled(db, "SOAP") == expected
    assert run("sku", "set", "SOAP", "--size", "90 x 60 x 40").stderr == "SOAP is as it was\n"
    assert run("sku", "set", "SOAP", "--no-hazmat", "--pack-note", "", "--category", "bath").exit_code == 0
    assert handled(db, "SOAP") == [90, 60, 40, "", "bubble wrap", True, False, ["own-van/standard"]]


def test_what_cannot_be_is_refused_and_nothing_of_the_command_is_kept(shop: Shop) -> None:
    db, run = shop
    before = handled(db, "SOAP")
    for words, why in (
        (("--size", "90x60"), "expected whole millimetres as 300x200x100, found '90x60'"),
        (("--size", "90x60x0"), "expected three sides of 1 to 10000 mm"),
        (("--pack-note", "x" * 256), "expected at most 255 characters, found 256"),
        (("--hazmat-service", "own-vna/standard"), "there is no carrier 'own-vna'"),
    ):
        answer = run("sku", "set", "SOAP", "--material", "straw", *words)
        assert (answer.exit_code, why in answer.stderr) == (2, True), answer.stderr
    assert handled(db, "SOAP") == before


def test_a_box_type_is_added_changed_and_listed(shop: Shop) -> None:
    db, run = shop
    size = ("--size", "300x220x150", "--tare", "160")
    assert run("box", "set", "M", *size, "--name", "Medium").stderr == "box M is changed\n"
    assert run("box", "set", "M", "--max-grams", "12000", "--carrier", "own-van").exit_code == 0
    assert run("box", "set", "M", "--tare", "160").stderr == "box M is as it was\n"
    assert run("box", "set", "TUBE").exit_code == 0
    assert run("box", "list").stdout.splitlines()[1:] == [
        "M          300x220x150    160    12000   own-van              Medium",
        "TUBE       -              -      -       all                  TUBE",
    ]
    assert run("box", "set", "M", "--max-grams", "0", "--any-carrier").exit_code == 0
    with db.read() as connection:
        assert [(box["max_grams"], box["carriers"]) for box in boxes(connection)] == [(None, []), (None, [])]


def test_a_box_that_cannot_be_is_refused(shop: Shop) -> None:
    db, run = shop
    for words, why in (
        (("NEW",), "mean something else"),
        (("small",), "expected up to 32 printable capitals"),
        (("S", "--carrier", "nobody"), "there is no carrier 'nobody'"),
        (("S", "--tare", "2000000"), "tare grams: expected 0 to 1000000, found 2000000"),
        (("S", "--name", " "), "expected 1 to 120 characters"),
        (("S", "--carrier", "own-van", "--any-carrier"), "found both"),
    ):
        answer = run("box", "set", *words)
        assert (answer.exit_code, why in answer.stderr) == (2, True), answer.stderr
    with db.read() as connection:
        assert boxes(connection) == []


def test_an_insert_is_asked_for_listed_and_removed_by_its_number(shop: Shop) -> None:
    db, run = shop
    assert run("insert", "set", "gift-shop", "Thank-you card", "--code", "CARD-1").exit_code == 0
    assert run("insert", "set", "standard", "Leaflet").exit_code == 0
    listed = run("insert", "list").stdout.splitlines()
    assert listed == [
        "1    gift-shop            CARD-1           Thank-you card",
        "2    standard             -                Leaflet",
    ]
    assert run("insert", "remove", "1").stderr == "no more: Thank-you card\n"
    assert "there is no insert 1" in run("insert", "remove", "1").stderr
    with db.read() as connection:
        assert [row["text"] for row in inserts(connection)] == ["Leaflet"]


def test_a_note_is_added_while_the_order_is_to_be_packed_and_refused_after(shop: Shop) -> None:
    db, run = shop
    number = sell(db, "S-1", ("SOAP", 1)).order
    assert run("note", "add", "S-1", "Ring twice").stderr == f"{number}: to be confirmed at the bench\n"
    assert run("note", "add", str(number), "Fragile", "--for", "box").exit_code == 0
    assert notes(db) == [("order", "Ring twice"), ("box", "Fragile")]
    assert "there is no order 'S-9'" in run("note", "add", "S-9", "x").stderr
    assert "there is no order 'S-9'" in run("note", "list", "S-9").stderr
    assert [line.split(None, 2)[1:] for line in run("note", "list", "S-1").stdout.splitlines()] == [
        ["order", f"Ring twice  ({operator().name})"],
        ["box", f"Fragile  ({operator().name})"],
    ]
    first = run("note", "list", "S-1").stdout.split()[0]
    assert run("note", "remove", first).stderr == f"{number}: note {first} is removed\n"
    assert notes(db) == [("box", "Fragile")]
    assert f"there is no note {first}" in run("note", "remove", first).stderr
    assert run("cancel", str(number)).exit_code == 0
    assert "nobody packs it any more" in run("note", "add", str(number), "x").stderr
    last = run("note", "list", "S-1").stdout.split()[0]
    assert "its notes were confirmed" in run("note", "remove", last).stderr
    assert len(notes(db)) == 1


def test_the_office_says_the_same_over_http(client: httpx.Client, sqlite_db: Database) -> None:
    body = {"size_mm": [90, 60, 40], "hazmat": True, "hazmat_services": ["own-van"]}
    assert client.post("/api/products/SOAP/handling", json=body).status_code == 200
    assert handled(sqlite_db, "SOAP")[:3] == [90, 60, 40]
    assert client.put("/api/boxes/M", json={"inner_mm": [300, 220, 150]}).json() == {"changed": True}
    [box] = client.get("/api/boxes").json()["boxes"]
    assert (box["code"], box["name"], box["length_mm"]) == ("M", "M", 300)
    assert client.post("/api/inserts", json={"profile": "standard", "text": "Leaflet"}).status_code == 200
    [row] = client.get("/api/inserts").json()["inserts"]
    assert client.delete(f"/api/inserts/{row['number']}").json() == {"removed": "Leaflet"}
    assert client.delete("/api/inserts/x").status_code == 404
    number = sell(sqlite_db, "S-1", ("SOAP", 1)).order
    assert client.post(f"/api/orders/{number}/notes", json={"text": "Fragile", "scope": "box"}).status_code == 201
    assert notes(sqlite_db) == [("box", "Fragile")]


def test_a_field_nobody_knows_is_refused_over_http(client: httpx.Client, sqlite_db: Database) -> None:
    before = handled(sqlite_db, "SOAP")
    for method, path in (("POST", "/api/products/SOAP/handling"), ("PUT", "/api/boxes/M"), ("POST", "/api/inserts")):
        answer = client.request(method, path, json={"sizes": 1})
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed"), path
    assert handled(sqlite_db, "SOAP") == before


def test_a_product_file_says_how_goods_are_handled_and_an_empty_cell_says_nothing(
    sqlite_db: Database, tmp_path: Path
) -> None:
    open_book(sqlite_db)
    file = tmp_path / "products.csv"
    header = "sku,name,barcode,size_mm,pack_note,material,own_box,hazmat,hazmat_services,typed_quantity\n"
    rows = "GLUE,Glue,G-1,90x60x40,Upright.,straw,no,yes,own-van/standard city-bikes,yes\n"
    file.write_text(header + rows + "GLUE,Glue,G-6,90x60,,,,,,\nPEN,Pen,P-1,,,,,perhaps,,\n", encoding="utf-8")
    report = import_file(sqlite_db, BOSS, "products", file)
    assert (report.taken, [(r.line, r.reason.split(",")[0]) for r in report.refused]) == (
        1,
        [(3, "size: expected whole millimetres as 300x200x100"), (4, "hazmat: expected yes or no")],
    )
    glue: list[object] = [90, 60, 40, "Upright.", "straw", False, True, ["city-bikes", "own-van/standard"]]
    assert handled(sqlite_db, "GLUE") == glue
    with sqlite_db.read() as connection:
        assert master(connection, "GLUE")["typed_quantity"] is True
        assert connection.execute(select(tables.product.c.sku).where(tables.product.c.sku == "PEN")).all() == []
    file.write_text(header + rows, encoding="utf-8")
    assert import_file(sqlite_db, BOSS, "products", file).unchanged == 1
    file.write_text(header + "GLUE,Glue,G-1,,,,,,,\n", encoding="utf-8")
    assert import_file(sqlite_db, BOSS, "products", file).unchanged == 1
    assert handled(sqlite_db, "GLUE") == glue


def test_the_master_shows_how_a_product_is_handled(shop: Shop) -> None:
    _, run = shop
    run("sku", "set", "SOAP", "--own-box")
    assert json.loads(run("sku", "show", "SOAP").stdout)["own_box"] is True
