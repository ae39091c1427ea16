"""Orders go where the rules say, on both engines; the decision is kept; supervisors may decide otherwise."""

import json
import time
from typing import Any

import pytest
from sqlalchemy import select, update

from server.db import orders, tables
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError
from server.domain.masterdata.catalog import Product
from server.domain.people import Role
from server.domain.sales.orders import OrderStatus
from server.usecases.masterdata.catalogue import put_product
from server.usecases.record.incidents import close_incident
from server.usecases.routes import promises
from server.usecases.routes.geography import import_postcodes
from server.usecases.routes.nodes import set_node
from server.usecases.routes.overriding import override, set_review
from server.usecases.routes.routing import rules_in_force, set_rules, try_rules, whereabouts, why
from server.usecases.routes.split_notices import notices_of
from tests.book import BOSS, count_rows, incidents_of, ledger_sums, level, sell
from tests.routing_book import BOSTON, DENVER, HONOLULU, open_nodes, ruled, stocked

SUE = Actor("Sue")
BOSSY = frozenset({Role.SUPERVISOR})


def site_of(db: Database, order_id: int) -> str:
    with db.read() as connection:
        row = orders.find(connection, order_id)
        assert row is not None
        found = connection.execute(select(tables.site.c.code).where(tables.site.c.id == row.site_id)).scalar()
        return str(found)


def order_row(db: Database, order_id: int) -> Any:
    with db.read() as connection:
        return orders.find(connection, order_id)


def reasons(db: Database, order_id: int) -> tuple[str, ...]:
    with db.read() as connection:
        return why(connection, order_id)


def test_an_order_goes_to_the_nearest_node_and_the_decision_names_every_other(db: Database) -> None:
    open_nodes(db)
    stocked(db, "CANDLE", EAST=5, SOUTH=5, WEST=5, DAL=1)
    east, denver = sell(db, "1", ("CANDLE", 2), ship_to=BOSTON), sell(db, "2", ("CANDLE", 2), ship_to=DENVER)
    assert (site_of(db, east.order_id), site_of(db, denver.order_id)) == ("EAST", "WEST")
    said = reasons(db, denver.order_id)
    assert said[0].startswith("ships from WEST (2 CANDLE); rule version 1")
    assert any(line.startswith('SOUTH: outscored in "near" (19') for line in said)
    assert "DAL: lacks 1 CANDLE" in said
    assert "CHI: lacks 2 CANDLE" in said


def test_new_rules_count_from_the_next_order_on_and_old_decisions_keep_their_own(db: Database) -> None:
    open_nodes(db)
    stocked(db, "CANDLE", WEST=9, DAL=9, SOUTH=9)
    first = sell(db, "1", ("CANDLE", 1), ship_to=DENVER)
    assert set_rules(db, BOSS, ruled("balance"), "the west is full") == 2
    second = sell(db, "2", ("CANDLE", 1), ship_to=DENVER)
    assert (site_of(db, first.order_id), site_of(db, second.order_id)) == ("DAL", "SOUTH")
    assert "rule version 1" in reasons(db, first.order_id)[0]
    assert "rule version 2" in reasons(db, second.order_id)[0]


def test_bad_rules_change_nothing(db: Database) -> None:
    open_nodes(db)
    with pytest.raises(DomainError, match="did you mean weight"):
        set_rules(db, BOSS, {"rules": [{"id": "a", "kind": "cost", "wieght": 1}]})
    with db.read() as connection:
        assert rules_in_force(connection)[0] == 1


def test_a_dry_run_shows_each_difference_and_changes_nothing(db: Database) -> None:
    open_nodes(db)
    stocked(db, "CANDLE", CHI=2, SOUTH=9, DAL=9)
    chicago = BOSTON | {"city": "Chicago", "postcode": "60601"}
    one, two = (sell(db, number, ("CANDLE", 2), ship_to=chicago) for number in ("1", "2"))
    sell(db, "3", ("CANDLE", 1), ship_to=DENVER)
    stocked(db, "CANDLE", CHI=7)
    watched = (tables.audit, tables.ledger, tables.routing_decision, tables.routing_rules, tables.outbox)
    before = [count_rows(db, table) for table in watched]
    trial = try_rules(db, ruled("cheapest"))
    # The store's last two candles went to the first order: the second saw none there, whatever is there now.
    assert [(d.order, d.before, d.after) for d in trial.differences] == [
        (one.order, "CHI by standard", "SOUTH by standard")
    ]
    assert (trial.orders, trial.waiting_before, trial.waiting_after) == (3, 0, 0)
    assert [count_rows(db, table) for table in watched] == before
    assert (site_of(db, one.order_id), site_of(db, two.order_id)) == ("CHI", "SOUTH")


def test_a_split_happens_only_where_the_channel_allows_it(db: Database) -> None:
    open_nodes(db)
    promises.set_split(db, BOSS, "shop", True)
    stocked(db, "CANDLE", EAST=5)
    stocked(db, "SOAP", WEST=5)
    lines = (("CANDLE", 1), ("SOAP", 2))
    refused = sell(db, "A-1", *lines, channel="amazon", ship_to=BOSTON)
    assert refused.status in {OrderStatus.CONFLICT, OrderStatus.WAITING}
    assert "this channel takes one shipment" in reasons(db, refused.order_id)[0]
    split = sell(db, "S-1", *lines, ship_to=BOSTON)
    assert split.status is OrderStatus.READY
    with db.read() as connection:
        o = tables.order
        query = select(o.c.number, o.c.site_id, o.c.part, o.c.parts).where(o.c.channel_order_id == "S-1")
        rows = connection.execute(query.order_by(o.c.part)).all()
        told = notices_of(connection, split.order_id, db.now())
    assert [(row.part, row.parts) for row in rows] == [(1, 2), (2, 2)]
    assert {site for _, site, _, _ in rows} == {1, 3}
    assert level(db, "CANDLE") == (5, 1) == ledger_sums(db, "CANDLE")
    assert level(db, "SOAP") == (5, 2) == ledger_sums(db, "SOAP")
    assert [n.order for n in told] == [row.number for row in rows]
    for each in told:
        mine = {line.sku for line in each.notice.lines}
        assert mine | {line.sku for line in each.notice.rest} == {"CANDLE", "SOAP"}
        assert len(mine) == 1
    assert sum("It comes first" in each.notice.text for each in told) == 1


def test_the_channel_is_told_of_a_split_with_the_lines_of_each_part_and_the_rest(db: Database) -> None:
    open_nodes(db, url="http://127.0.0.1:9")
    promises.set_split(db, BOSS, "shop", True)
    stocked(db, "CANDLE", EAST=1)
    stocked(db, "SOAP", WEST=1)
    sell(db, "S-1", ("CANDLE", 1), ("SOAP", 1), ship_to=BOSTON)
    sell(db, "S-1", ("CANDLE", 1), ("SOAP", 1), ship_to=BOSTON)
    with db.read() as connection:
        t = tables.outbox
        payloads = connection.execute(select(t.c.payload).where(t.c.kind == "split")).scalars().all()
    assert len(payloads) == 1
    parts = payloads[0]["data"]["parts"]
    assert sorted((p["lines"][0]["sku"], p["rest"][0]["sku"]) for p in parts) == [
        ("CANDLE", "SOAP"),
        ("SOAP", "CANDLE"),
    ]


def test_without_rules_an_allowed_split_still_happens_and_whole_orders_go_by_rank(db: Database) -> None:
    open_nodes(db, rules="")
    stocked(db, "CANDLE", EAST=1, WEST=5)
    promises.set_split(db, BOSS, "shop", True)
    assert site_of(db, sell(db, "1", ("CANDLE", 3), ship_to=BOSTON).order_id) == "WEST"
    split = sell(db, "2", ("CANDLE", 3), ship_to=BOSTON)
    assert split.status is OrderStatus.READY
    assert level(db) == (6, 6)


def test_a_restricted_pair_goes_by_the_permitted_service_only_and_the_label_is_for_that(db: Database) -> None:
    open_nodes(db, rules="house")
    put_product(db, BOSS, Product("TORCH", "Torch"), [])
    with transaction(db, BOSS, "categorise") as tx:
        p = tables.product
        tx.connection.execute(update(p).where(p.c.sku == "TORCH").values(category="lithium"))
    stocked(db, "TORCH", WEST=5, EAST=5)
    held = sell(db, "1", ("TORCH", 1), ship_to=HONOLULU, service="express")
    mainland = sell(db, "2", ("TORCH", 1), ship_to=BOSTON, service="express")
    assert order_row(db, held.order_id).service == "sea"
    assert order_row(db, mainland.order_id).service == "express"


def test_the_same_cart_gets_another_deadline_and_packing_from_each_channel(db: Database) -> None:
    open_nodes(db)
    stocked(db, "CANDLE", EAST=9)
    days = {"time_zone": "America/New_York", "open_days": [0, 1, 2, 3, 4], "cut_off": "14:00"}
    promises.set_promise(db, BOSS, "amazon", [{"handling_days": 0, "packing_profile": "plain box", **days}])
    promises.set_promise(
        db, BOSS, "shop", [{"handling_days": 2, "packing_profile": "gift tissue", "carrier_service": "ground", **days}]
    )
    placed = {"placed_at": "2026-03-13T15:00:00Z", "ship_to": BOSTON}
    amazon, shop = (sell(db, "1", ("CANDLE", 1), channel=channel, **placed) for channel in ("amazon", "shop"))
    rows = [order_row(db, taken.order_id) for taken in (amazon, shop)]
    assert [row.packing_profile for row in rows] == ["plain box", "gift tissue"]
    assert [row.service for row in rows] == ["standard", "ground"]
    assert rows[1].ship_by - rows[0].ship_by == 4 * 86_400
    stated = sell(db, "2", ("CANDLE", 1), channel="amazon", ship_by="2026-03-20T00:00:00Z", **placed)
    assert order_row(db, stated.order_id).ship_by == 1773964800.0
    with pytest.raises(DomainError, match="handling_days: expected a whole number"):
        promises.set_promise(db, BOSS, "shop", [{"handling_days": "two"}])


def test_a_full_node_gets_no_more_orders_today_not_even_within_a_batch(db: Database) -> None:
    open_nodes(db, rules="house")
    set_node(db, BOSS, "EAST", {"capacity_per_day": 2})
    stocked(db, "CANDLE", EAST=9, SOUTH=9)
    got = [site_of(db, sell(db, str(n), ("CANDLE", 1), ship_to=BOSTON).order_id) for n in range(4)]
    assert got == ["EAST", "EAST", "SOUTH", "SOUTH"]


def test_only_a_supervisor_sends_an_order_elsewhere_and_says_why(db: Database) -> None:
    open_nodes(db)
    stocked(db, "CANDLE", EAST=5, WEST=5)
    taken = sell(db, "1", ("CANDLE", 2), ship_to=BOSTON)
    for roles, reason, code in (
        (frozenset({Role.PACKER}), "I like Reno", "forbidden"),
        (frozenset(), "I like Reno", "forbidden"),
        (BOSSY, "  ", "reason_needed"),
    ):
        with pytest.raises(DomainError) as refused:
            override(db, SUE, roles, taken.order_id, "WEST", reason)
        assert refused.value.code == code
    assert site_of(db, taken.order_id) == "EAST"
    done = override(db, SUE, BOSSY, taken.order_id, "WEST", "EAST is snowed in")
    assert (done.from_site, done.to_site, done.rule) == ("EAST", "WEST", "near")
    assert site_of(db, taken.order_id) == "WEST"
    assert order_row(db, taken.order_id).status == OrderStatus.READY
    assert (level(db), ledger_sums(db, "CANDLE")) == ((10, 2), (10, 2))
    with db.read() as connection:
        live = connection.execute(select(tables.reservation).where(tables.reservation.c.state == "reserved")).all()
        a = tables.audit
        noted = connection.execute(select(a).where(a.c.action == "route.overridden")).one()
    assert [(row.site_id, row.quantity) for row in live] == [(3, 2)]
    assert (noted.actor, noted.detail) == (
        "Sue",
        {"from": "EAST", "to": "WEST", "rule": "near", "reason": "EAST is snowed in"},
    )
    assert reasons(db, taken.order_id)[-1] == 'Sue sent it from EAST to WEST against "near": EAST is snowed in'


def test_an_override_to_an_empty_node_changes_nothing(db: Database) -> None:
    open_nodes(db)
    stocked(db, "CANDLE", EAST=5, WEST=1)
    taken = sell(db, "1", ("CANDLE", 2), ship_to=BOSTON)
    with pytest.raises(DomainError, match="WEST does not hold order 1001: CANDLE: 2 wanted, 1 available"):
        override(db, SUE, BOSSY, taken.order_id, "WEST", "closer to me")
    with pytest.raises(DomainError, match="is at EAST already"):
        override(db, SUE, BOSSY, taken.order_id, "EAST", "stay")
    with transaction(db, BOSS, "pack") as tx:
        orders.set_status(tx, taken.order_id, OrderStatus.PACKING)
    with pytest.raises(DomainError, match="is at a bench"):
        override(db, SUE, BOSSY, taken.order_id, "WEST", "late")
    assert (site_of(db, taken.order_id), level(db), ledger_sums(db, "CANDLE")) == ("EAST", (6, 2), (6, 2))


def test_not_even_a_supervisor_may_send_what_is_restricted(db: Database) -> None:
    open_nodes(db, rules="")
    ban = {"id": "no soap in stores", "kind": "restriction", "nodes": ["CHI"], "when": {"skus": ["SOAP"]}}
    set_rules(db, BOSS, {"rules": [ban, {"id": "pin", "kind": "pinned", "nodes": ["EAST"]}]})
    stocked(db, "SOAP", EAST=5, CHI=5, WEST=5)
    taken = sell(db, "1", ("SOAP", 1), ship_to=BOSTON)
    with pytest.raises(DomainError, match='CHI may not ship order 1001: it is restricted by "no soap in stores"'):
        override(db, SUE, BOSSY, taken.order_id, "CHI", "closer")
    assert override(db, SUE, BOSSY, taken.order_id, "WEST", "pins are for orders, not for me").rule == "pin"


def test_three_overrides_of_one_rule_in_thirty_days_open_a_review(db: Database) -> None:
    open_nodes(db)
    stocked(db, "CANDLE", EAST=50, WEST=50)
    now = time.time()
    db.now = lambda: now
    taken = [sell(db, str(n), ("CANDLE", 1), ship_to=BOSTON) for n in range(8)]

    def send(index: int) -> int | None:
        return override(db, SUE, BOSSY, taken[index].order_id, "WEST", "again").review

    assert send(0) is None
    now += 31 * 86_400
    assert [send(1), send(2)] == [None, None]
    review = send(3)
    assert review is not None
    assert incidents_of(db, "routing_review") == [
        'rule "near" was overridden 3 times in 30 days: should it stay as it is?'
    ]
    assert send(4) is None
    close_incident(db, BOSS, review, "it stays")
    set_review(db, BOSS, 2, 7)
    assert send(5) is not None


def test_a_waiting_order_can_be_sent_where_the_rules_would_not(db: Database) -> None:
    open_nodes(db, rules="")
    set_rules(db, BOSS, {"rules": [{"id": "only east", "kind": "pinned", "nodes": ["EAST"]}]})
    stocked(db, "CANDLE", WEST=5)
    taken = sell(db, "1", ("CANDLE", 1), ship_to=BOSTON)
    assert taken.status in {OrderStatus.CONFLICT, OrderStatus.WAITING}
    with db.read() as connection:
        assert whereabouts(connection).waiting == {order_row(db, taken.order_id).held_because or taken.status: 1}
    override(db, SUE, BOSSY, taken.order_id, "WEST", "EAST is late")
    assert (site_of(db, taken.order_id), order_row(db, taken.order_id).status) == ("WEST", OrderStatus.READY)
    assert incidents_of(db, "stock_conflict") == []


def test_every_order_is_at_a_node_waiting_or_closed(db: Database) -> None:
    open_nodes(db)
    promises.set_split(db, BOSS, "shop", True)
    stocked(db, "CANDLE", EAST=4, WEST=3)
    for number in range(5):
        sell(db, f"S-{number}", ("CANDLE", 2), ship_to=BOSTON, paid=number != 1)
    sell(db, "X", ("NOTHING", 1), ship_to=BOSTON)
    with db.read() as connection:
        found = whereabouts(connection)
        rows = count_rows(db, tables.order)
    assert found.adds_up
    assert found.received == rows
    assert sum(found.at_node.values()) + sum(found.waiting.values()) == rows
    with transaction(db, BOSS, "break") as tx:
        o = tables.order
        tx.connection.execute(update(o).where(o.c.status == "ready").values(site_id=None))
    with db.read() as connection:
        assert not whereabouts(connection).adds_up


def test_postcode_files_place_buyers_and_a_bad_one_changes_nothing(db: Database) -> None:
    open_nodes(db, rules="")
    set_node(db, BOSS, "EAST", {"latitude": 52.52, "longitude": 13.40})
    set_node(db, BOSS, "WEST", {"latitude": 48.14, "longitude": 11.58})
    set_rules(db, BOSS, ruled("nearest"))
    stocked(db, "CANDLE", EAST=9, WEST=9)
    munich = "DE\t80331\tMuenchen\tBayern\tBY\t\t00\tMuenchen\t09162\t48.1345\t11.571\t4\n"
    to = BOSTON | {"country": "DE", "postcode": "80331"}
    assert site_of(db, sell(db, "1", ("CANDLE", 1), ship_to=to).order_id) == "EAST"
    assert import_postcodes(db, BOSS, [munich, munich]) == {"DE": 1}
    assert site_of(db, sell(db, "2", ("CANDLE", 1), ship_to=to).order_id) == "WEST"
    with pytest.raises(DomainError, match="line 2: expected 12 cells"):
        import_postcodes(db, BOSS, [munich.replace("80331", "10115"), "nonsense"])
    assert site_of(db, sell(db, "3", ("CANDLE", 1), ship_to=to).order_id) == "WEST"


def test_a_node_is_placed_by_its_postcode_and_a_mistake_is_told(db: Database) -> None:
    open_nodes(db)
    node = set_node(db, BOSS, "EAST", {"country": "US", "postcode": "60601"})
    assert node.place is not None
    assert node.place[0] == pytest.approx(41.886, abs=0.01)
    for changes, words in (
        ({"country": "FR", "postcode": "75001"}, "is not known: import a postcode file"),
        ({"kind": "shed"}, "kind: expected one of own, 3pl, store, found 'shed'"),
        ({"cut_of": "12:00"}, "found 'cut_of'"),
        ({"rank": "first"}, "rank: expected int, found 'first'"),
        ({"latitude": 99.0, "longitude": 0.0}, "expected a latitude from -90 to 90"),
    ):
        with pytest.raises(DomainError, match=words):
            set_node(db, BOSS, "EAST", changes)


def test_a_closed_node_gets_no_orders(db: Database) -> None:
    open_nodes(db)
    stocked(db, "CANDLE", EAST=5, WEST=5)
    set_node(db, BOSS, "EAST", {"active": False})
    assert site_of(db, sell(db, "1", ("CANDLE", 1), ship_to=BOSTON).order_id) == "WEST"


def test_what_is_stored_of_a_decision_holds_nothing_of_the_buyer(db: Database) -> None:
    open_nodes(db)
    stocked(db, "CANDLE", EAST=5)
    sell(db, "1", ("CANDLE", 1), ship_to=BOSTON)
    with db.read() as connection:
        scored = json.dumps(connection.execute(select(tables.routing_decision.c.scored)).scalar_one())
    assert not any(word in scored for word in ("Quill", "02108", "Boston", "Hidden"))
