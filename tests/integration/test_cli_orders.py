"""The commands of the order desk, on a real database: they say what happened, in one sentence each."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from server.cli.group import packproof
from server.db.transaction import Database
from server.domain.masterdata.catalog import Product
from server.domain.people import Role
from server.usecases.booking import book
from server.usecases.masterdata.catalogue import put_product
from server.usecases.routes.nodes import set_node
from server.usecases.sales.intake import fingerprint
from server.usecases.sales.order_batch import TakeOrder
from server.usecases.staff import people
from server.usecases.warehouse.counting import count_on_hand
from tests.book import BOSS, incoming, level, open_book, sell


@pytest.fixture
def shop(tmp_path: Path, sqlite_db: Database) -> tuple[Database, Path]:
    config = tmp_path / "server.toml"
    config.write_text(f'data_dir = "{tmp_path}"\n')
    open_book(sqlite_db, channels=2)
    return sqlite_db, config


def run(shop: tuple[Database, Path], *args: str, code: int = 0) -> str:
    answer = CliRunner().invoke(packproof, [*args, "--config", str(shop[1])])
    assert answer.exit_code == code, answer.output
    return answer.output


def test_the_policy_and_a_channels_rules_are_set_and_shown(shop: tuple[Database, Path]) -> None:
    assert run(shop, "conflict", "policy") == "first come (version 0)\n"
    said = "channel priority (version 1), shop2 before shop\n"
    assert run(shop, "conflict", "policy", "channel_priority", "--channels", "shop2,shop") == said
    assert run(shop, "conflict", "policy", "--window", "0.2", "--scarce", "CANDLE").strip().endswith("0.2 s for CANDLE")
    rules = ("--path", "backorder,cancel", "--backorder", "--oversell", "3", "--cancel-limit", "2.5")
    assert run(shop, "conflict", "channel", "shop", *rules) == "shop: backorder > cancel; oversells 3, backorders\n"
    assert "nothing is tried after cancel" in run(shop, "conflict", "channel", "shop", "--path", "ask,cancel", code=2)
    assert run(shop, "conflict", "cancels").splitlines() == [
        "CHANNEL           ORDERS  BY US     RATE   LIMIT   ROOM  STANDING",
        "shop                   0      0   0.00 %   2.5 %      0  unknown",
        "shop2                  0      0   0.00 %       -      -  unknown",
    ]


def test_an_order_that_won_says_whom_it_left_without(shop: tuple[Database, Path]) -> None:
    orders = [incoming(name, ("CANDLE", 6)) for name in ("S-1", "S-2")]
    book.run(shop[0], [TakeOrder(1, order, fingerprint(order), BOSS) for order in orders])
    lost = run(shop, "conflict", "explain", "1002").splitlines()[0]
    assert "after 1001 (shop)" in lost
    said = run(shop, "conflict", "explain", "1001").splitlines()
    assert said == [f"served when order 1002 (shop) was not: {lost}", "order 1001 never lost"]


def test_a_lost_order_explains_itself_and_the_queue_is_listed(shop: tuple[Database, Path]) -> None:
    run(shop, "conflict", "channel", "shop", "--path", "inbound,backorder,cancel", "--backorder")
    sell(shop[0], "S-1", ("MUG", 2))
    assert run(shop, "conflict", "explain", "1001").splitlines() == [
        "MUG: 2 wanted, 0 available",
        "  not inbound: nothing on its way covers it",
        "  backorder: the channel permits backorders",
    ]
    assert run(shop, "conflict", "queue").splitlines() == [
        "ORDER      CHANNEL      WAITS FOR  UNITS",
        "1001       shop         backorder  2 MUG",
    ]


def test_an_order_is_changed_at_the_terminal(shop: tuple[Database, Path]) -> None:
    sell(shop[0], "S-1", ("CANDLE", 5), paid=False)
    assert run(shop, "payment", "1001", "paid") == "order 1001 is ready\n"
    assert run(shop, "cancel", "1001", "--line", "1=2") == "order 1001 is ready\n"
    assert level(shop[0]) == (10, 3)
    home = ("--name", "Zoe", "--line", "9 Other Road", "--city", "Portland", "--postcode", "04101", "--country", "US")
    assert run(shop, "address", "1001", *home) == "order 1001 has another address; it is ready\n"
    assert run(shop, "payment", "1001", "fraud", "--why", "stolen card") == "order 1001 is on hold\n"
    assert run(shop, "payment", "1001", "no-fraud") == "order 1001 is ready\n"
    assert "there is no box to open" in run(shop, "unpack", "1001", "--why", "curious", code=2)
    assert run(shop, "cancel", "1001", "--reason", "customer") == "order 1001 is cancelled\n"
    assert level(shop[0]) == (10, 0)


def test_a_sale_at_the_counter_and_a_substitute(shop: tuple[Database, Path]) -> None:
    assert run(shop, "till", "shop", "EAST", "R-1", "CANDLE=2", "SOAP=1") == "sale R-1 is order 1001\n"
    assert (level(shop[0]), level(shop[0], "SOAP")) == ((8, 0), (9, 0))
    assert "expected NAME=NUMBER" in run(shop, "till", "shop", "EAST", "R-2", "CANDLE", code=2)
    sell(shop[0], "S-1", ("CANDLE", 1))
    approve = ("substitute", "approve", "1002", "1", "SOAP", "--by", "Ben")
    assert "nobody has that name" in run(shop, *approve, code=2)
    for name, role in (("Ben", Role.PACKER), ("Sam Lee", Role.SUPERVISOR)):
        people.add_person(shop[0], BOSS, name, [role])
    assert "expected one of the roles admin, supervisor; Ben has the roles packer" in run(shop, *approve, code=2)
    assert "no rule permits it on shop" in run(shop, *approve[:-1], "Sam Lee", code=2)
    run(shop, "substitute", "rule", "*", "*", "ask")
    run(shop, "substitute", "pair", "CANDLE", "SOAP")
    assert "a supervisor approves by rule 1" in run(shop, *approve[:-1], "Sam Lee")
    left = people.add_person(shop[0], BOSS, "Eve", [Role.SUPERVISOR])
    people.set_active(shop[0], BOSS, left, active=False)
    assert "Eve is kept out" in run(shop, *approve[:-1], "Eve", code=2)
    assert (level(shop[0]), level(shop[0], "SOAP")) == ((8, 0), (9, 1))


def test_the_words_of_a_service_are_mapped(shop: tuple[Database, Path]) -> None:
    assert "is own-van express" in run(shop, "conflict", "service", "shop", "Express", "own-van", "express")
    assert "there is no carrier 'pigeon'" in run(shop, "conflict", "service", "shop", "Slow", "pigeon", "x", code=2)


def test_a_rule_for_every_product_names_the_first_ten_of_them_and_says_how_many_there_are(
    shop: tuple[Database, Path],
) -> None:
    for n in range(12):
        put_product(shop[0], BOSS, Product(f"P-{n:02}", "Product"), [])
        count_on_hand(shop[0], BOSS, f"P-{n:02}", "EAST", 5)
    told = run(shop, "allocate", "set", "buffer", "1", "--all").splitlines()
    assert told[:2] == ["begins: buffer 1 unit of every product for every channel", "15 products; the first 10:"]
    assert len([line for line in told if ": shop " in line]) == 10
    few = run(shop, "allocate", "set", "buffer", "2", "--sku", "CANDLE").splitlines()
    assert few[-2] == "CANDLE: shop 9 -> 8, shop2 9 -> 8"
    over = run(shop, "allocate", "set", "share", "20", "--all", "--channel", "shop", "--over-allocate").splitlines()
    assert len([line for line in over if line.startswith("over:   the plan for ")]) == 10
    assert "over:   and 5 more products" in over


def test_waves_are_told_under_a_heading_and_in_the_site_s_own_time(shop: tuple[Database, Path]) -> None:
    set_node(shop[0], BOSS, "EAST", {"time_zone": "Asia/Tokyo", "cut_off": "23:59"})
    sell(shop[0], "S-1", ("CANDLE", 1))
    for verb, name in (("plan", "-"), ("make", "1")):
        heading, wave = run(shop, "wave", verb, "--site", "EAST").splitlines()
        assert heading.split() == ["WAVE", "CARRIER", "MIX", "UNITS", "LEAVES", "ORDERS"]
        assert wave.split()[:4] == [name, "own-van", "single", "1"]
        assert wave.endswith("23:59 JST    1001")
        assert wave.index("1001") == heading.index("ORDERS")
    heading, wave = run(shop, "wave", "list").splitlines()
    assert heading.split() == ["WAVE", "SITE", "CARRIER", "MIX", "PICKED", "STATE", "LEAVES"]
    assert wave.endswith("23:59 JST")


def test_an_incident_s_deadline_names_its_time_zone(shop: tuple[Database, Path]) -> None:
    sell(shop[0], "S-1", ("NOPE", 1))
    zone = datetime.now().astimezone().tzname()
    assert re.search(rf"due \d\d \w{{3}} \d\d:\d\d {re.escape(zone or '')} ", run(shop, "incidents"))


def test_an_import_of_orders_says_that_it_made_a_channel(shop: tuple[Database, Path], tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("order_id,sku,quantity,name,line1,city,country\nF-1,CANDLE,1,Ann,1 Main St,Boston,US\n")
    said = "csv is a new channel, for orders from files that name none\n"
    assert said in run(shop, "import", "orders", str(file))
    assert said not in run(shop, "import", "orders", str(file))


def test_a_channel_s_fee_raises_the_dynamic_buffer_of_what_earns_little_there(shop: tuple[Database, Path]) -> None:
    run(shop, "allocate", "set", "dynamic", "--sku", "CANDLE", "--least", "1")
    run(shop, "sku", "set", "CANDLE", "--margin", "20")
    assert "(margin 20 %: fair)" in run(shop, "allocate", "withheld", "CANDLE")
    assert run(shop, "channels", "fee", "shop", "15.5") == "shop keeps 15.5 % of a price\n"
    lines = run(shop, "allocate", "withheld", "CANDLE").splitlines()
    assert [(line.split()[2], line.partition("(margin ")[2].partition(")")[0]) for line in lines] == [
        ("shop", "4 %: thin"),
        ("shop2", "20 %: fair"),
    ]
    assert "there is no channel 'shoop'" in run(shop, "channels", "fee", "shoop", "15", code=2)
    assert "is not in the range" in run(shop, "channels", "fee", "shop", "101", code=2)
