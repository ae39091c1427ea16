"""A channel is connected, mapped, checked and goes live; and every lever on it acts at once and can be undone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, select, update

from server.db import inbox, memory, sites, tables
from server.db.together import Together
from server.db.transaction import Database, transaction
from server.domain.errors import DomainError, Unavailable
from server.domain.masterdata.catalog import Product
from server.simulated.platforms import simulated
from server.simulated.platforms.base import Simulated
from server.simulated.platforms.faults import Fault
from server.simulated.platforms.transport import transport
from server.usecases.connecting import account
from server.usecases.connecting.checklist import CONFIRMED, checklist, confirm, still_open
from server.usecases.connecting.dry_run import dry_run
from server.usecases.connecting.going_live import go_live, pause, resume
from server.usecases.connecting.importing import Imported, import_listings
from server.usecases.connecting.launch import launch
from server.usecases.connecting.levers import set_mode, throttle
from server.usecases.connecting.mapping import map_listing, not_ours
from server.usecases.connecting.resending import replay, sync
from server.usecases.connecting.showing import MASK, channel_shown
from server.usecases.masterdata.catalogue import CodeEntry, put_product
from server.usecases.sharing.allocation_views import withheld
from server.usecases.sharing.publishing import tell_everything
from server.usecases.talking.health import Health, State, health
from server.usecases.talking.lines import Lines
from server.usecases.talking.turn import turn
from server.usecases.warehouse.counting import count_on_hand
from server.worker import Worker
from tests import telling
from tests.book import BOSS, count_rows, incidents_of, open_book, until

CODE = "there"


@dataclass(slots=True)
class Place:
    """A book, and a simulated platform that can be connected to it."""

    db: Database
    platform: Simulated
    lines: Lines
    now: list[float]
    settings: dict[str, Any] = field(default_factory=dict)

    def add(self, **places: str) -> None:
        account.begin(self.db, BOSS, self.platform.KIND, CODE, self.settings, name="There")
        known = account.check_account(self.db, BOSS, self.lines, CODE)
        meant = {place: places.get(place, "") for place in known.places}
        account.name_places(self.db, BOSS, CODE, meant | {next(iter(known.places)): "EAST"} if meant else {})

    def load(self) -> Imported:
        return import_listings(self.db, BOSS, self.lines, CODE, wait=self.wait)

    def wait(self, seconds: float) -> None:
        self.now[0] += seconds

    def live(self) -> None:
        self.add()
        self.load()
        go_live(self.db, BOSS, CODE, "for a test")

    def tell(self) -> None:
        tell_everything(self.db)
        for channel in telling.due(self.db):
            telling.tell_due(self.db, self.lines, channel.id)

    def number(self, sku: str) -> int:
        return self.platform.market.item(sku).quantity

    def health(self) -> Health:
        with self.db.read() as connection:
            return next(each for each in health(connection, self.db.now()) if each.channel == CODE)

    def row(self) -> Any:
        with self.db.read() as connection:
            return sites.channel(connection, CODE)


@contextmanager
def place(db: Database, kind: str = "shopify", *, frozen: bool = True) -> Iterator[Place]:
    """Three products here; there the candle by our SKU, the soap by its GTIN alone, and a card that is none."""
    open_book(db)
    now = [db.now()]
    if frozen:
        db.now = lambda: now[0]
    platform = simulated(kind, db.now)
    platform.market.offer("CANDLE", 99, title="Soap", gtin="4006381333931")
    platform.market.offer("SOAP-BAR", 99, title="Candle", gtin="5901234123457")
    platform.market.offer("CARD", 99, title="Mug")
    lines = Lines(db, client=httpx.Client(transport=transport([platform])), patience=0.0, limited=False)
    yield Place(db, platform, lines, now, platform.settings())
    lines.close()


def named(found: Imported) -> dict[str, tuple[str | None, str]]:
    return {each.listing.sku: (each.sku, each.by) for each in found.proposals}


def test_nothing_is_told_before_it_is_live_and_everything_after(db: Database) -> None:
    with place(db) as there:
        there.add()
        there.load()
        there.tell()
        assert (there.number("CANDLE"), count_rows(db, tables.outbox)) == (99, 0)
        assert there.health().state is State.NOT_LIVE
        with db.read() as connection:
            numbers = {
                each.channel_sku: (each.sku, each.live, each.told) for each in dry_run(connection, db.now(), CODE)
            }
        assert numbers == {"CANDLE": ("CANDLE", 99, 10), "SOAP-BAR": ("SOAP", 99, 10)}
        go_live(db, BOSS, CODE, "for a test")
        there.tell()
        assert (there.number("CANDLE"), there.number("SOAP-BAR"), there.number("CARD")) == (10, 10, 99)


def test_listings_are_mapped_by_sku_then_gtin_and_never_by_name(sqlite_db: Database) -> None:
    with place(sqlite_db) as there:
        there.add()
        found = there.load()
    assert named(found) == {"CANDLE": ("CANDLE", "sku"), "SOAP-BAR": ("SOAP", "gtin"), "CARD": (None, "")}
    assert [each.listing.title for each in found.open] == ["Mug"]


def test_what_could_be_two_products_is_left_to_a_person(sqlite_db: Database) -> None:
    with place(sqlite_db) as there:
        put_product(sqlite_db, BOSS, Product("CASE", "Case"), [CodeEntry("10012345678902", 6)])
        put_product(sqlite_db, BOSS, Product("TWIN-A", "One"), [CodeEntry("9501101530003")])
        put_product(sqlite_db, BOSS, Product("TWIN-B", "Other"), [])
        with transaction(sqlite_db, BOSS, "test") as tx:
            shared = {"code": "09501101530003", "sku": "TWIN-B", "units": 1}
            tx.connection.execute(insert(tables.product_code).values(**shared))
        there.platform.market.offer("TWINS", 1, gtin="9501101530003")
        there.platform.market.offer("MUG", 1, gtin="4006381333931")
        there.platform.market.offer("SIX", 1, gtin="10012345678902")
        there.platform.market.offer("NO-GTIN", 1, gtin="4006381333930")
        there.add()
        found = {each.listing.sku: each for each in there.load().open}
    assert found["TWINS"].candidates == ("TWIN-A", "TWIN-B")
    assert found["MUG"].candidates == ("CANDLE", "MUG")
    assert "its SKU says MUG, its GTIN CANDLE" in found["MUG"].why
    assert found["SIX"].sku is None, "a case's GTIN is not one unit's"
    assert "should end in 1, not 0" in found["NO-GTIN"].why


def test_mapping_a_listing_teaches_its_name_sends_its_number_and_lets_held_orders_go_on(db: Database) -> None:
    with place(db) as there:
        there.live()
        there.tell()
        count_on_hand(db, BOSS, "MUG", "EAST", 7)
        there.platform.market.sell(("CARD", 1))
        row = there.row()
        while not turn(db, there.lines, row, "me"):
            pass
        assert _statuses(db) == ["on_hold"]
        done = map_listing(db, BOSS, CODE, "CARD", "MUG")
        assert len(done.settled) == 1
        assert _statuses(db) == ["ready"]
        there.tell()
        assert there.number("CARD") == 6


def _statuses(db: Database) -> list[str]:
    with db.read() as connection:
        return list(connection.execute(select(tables.order.c.status)).scalars())


def test_a_listing_can_be_mapped_anew_and_a_name_never_means_two_things(sqlite_db: Database) -> None:
    with place(sqlite_db) as there:
        there.live()
        for sku in ("MUG", "SOAP"):
            map_listing(sqlite_db, BOSS, CODE, "CARD", sku)
        with pytest.raises(DomainError, match="it is the SKU of another product, CANDLE"):
            map_listing(sqlite_db, BOSS, CODE, "CANDLE", "MUG")
        with pytest.raises(DomainError, match="has no listing"):
            map_listing(sqlite_db, BOSS, CODE, "nothing", "MUG")
        with pytest.raises(DomainError, match="there is no product"):
            map_listing(sqlite_db, BOSS, CODE, "CARD", "NOTHING")
        there.tell()
        assert (there.number("CARD"), there.number("CANDLE")) == (10, 10)


def test_importing_again_changes_nothing_that_people_said_and_nothing_that_was_told(db: Database) -> None:
    with place(db) as there:
        there.live()
        map_listing(db, BOSS, CODE, "SOAP-BAR", "MUG")
        not_ours(db, BOSS, CODE, "CARD")
        there.tell()
        sent = count_rows(db, tables.delivery)
        again = there.load()
        assert named(again)["SOAP-BAR"] == ("MUG", "kept")
        assert again.open == []
        there.tell()
        assert count_rows(db, tables.delivery) == sent
        there.platform.market.offer("MUG", 50)
        there.platform.gone("CANDLE")  # type: ignore[attr-defined]
        there.now[0] += 1
        assert there.load().gone == 1
        there.tell()
        assert there.number("MUG") == 0


def test_a_platform_that_is_busy_for_a_page_is_asked_again_and_one_that_is_away_is_said_so(sqlite_db: Database) -> None:
    with place(sqlite_db) as there:
        there.add()
        for fault in (Fault.TOO_MANY, Fault.BROKEN, Fault.LOST_BEFORE):
            there.platform.faults.once(fault)
        assert len(there.load().proposals) == 3
        there.platform.faults.down = True
        with pytest.raises(Unavailable, match="does not show its listings"):
            there.load()
        with pytest.raises(Unavailable, match="cannot be asked"):
            account.check_account(sqlite_db, BOSS, there.lines, CODE)


def test_wrong_credentials_are_said_and_new_ones_take_effect_at_once(sqlite_db: Database) -> None:
    with place(sqlite_db) as there:
        good = there.settings
        there.settings = good | {"client_secret": "shpss_wrong"}
        with pytest.raises(DomainError, match="does not let us in"):
            there.add()
        there.settings = good
        there.add()
        with sqlite_db.read() as connection:
            assert checklist(connection, CODE)[0].says == "we are Simulated shop there"
        kept = memory.ChannelMemory(sqlite_db, Together(sqlite_db, BOSS, "test"), there.row().id)
        kept.put("token:access", {"token": "old", "renew_at": sqlite_db.now() + 999})
        kept.put("refresh", {"token": "renewed"})
        account.begin(sqlite_db, BOSS, there.platform.KIND, CODE, good | {"client_secret": "another"})
        fresh = memory.ChannelMemory(sqlite_db, Together(sqlite_db, BOSS, "test"), there.row().id)
        assert (fresh.get("token:access"), fresh.get("refresh")) == (None, {"token": "renewed"})
        with pytest.raises(DomainError, match="of the kind custom"):
            account.begin(sqlite_db, BOSS, there.platform.KIND, "shop", good)


def test_a_channel_goes_live_when_its_list_is_done_or_somebody_says_why_not(sqlite_db: Database) -> None:
    with place(sqlite_db) as there:
        there.add()
        with pytest.raises(DomainError, match="these are open: listings, services, numbers"):
            go_live(sqlite_db, BOSS, CODE)
        with pytest.raises(DomainError, match="expected why"):
            go_live(sqlite_db, BOSS, CODE, "now")
        with pytest.raises(DomainError, match="has never been live"):
            resume(sqlite_db, BOSS, CODE)
        there.load()
        not_ours(sqlite_db, BOSS, CODE, "CARD")
        for name in ("services", *CONFIRMED):
            confirm(sqlite_db, BOSS, CODE, name)
        confirm(sqlite_db, BOSS, CODE, "numbers", done=False)
        with sqlite_db.read() as connection:
            assert [item.name for item in still_open(checklist(connection, CODE))] == ["numbers"]
        confirm(sqlite_db, BOSS, CODE, "numbers")
        assert go_live(sqlite_db, BOSS, CODE) == []
        with pytest.raises(DomainError, match="went live already"):
            go_live(sqlite_db, BOSS, CODE)


def test_an_override_is_in_the_audit_with_what_was_open(sqlite_db: Database) -> None:
    with place(sqlite_db) as there:
        there.add()
        assert [item.name for item in go_live(sqlite_db, BOSS, CODE, "the fair begins today")][:1] == ["listings"]
        t = tables.audit
        with sqlite_db.read() as connection:
            detail = connection.execute(select(t.c.detail).where(t.c.action == "channel.live")).scalar_one()
    assert detail["override"] == "the fair begins today"
    assert "numbers" in detail["open"]


def test_a_throttle_cuts_every_number_whatever_rules_there_are_and_off_restores_them(db: Database) -> None:
    with place(db) as there:
        there.live()
        there.tell()
        set_mode(db, BOSS, CODE, "batch:15")
        throttle(db, BOSS, CODE, 25)
        there.tell()
        assert (there.number("CANDLE"), there.number("SOAP-BAR")) == (2, 2)
        with db.read() as connection:
            cuts = {(cut.sku, cut.kind, cut.units) for cut in withheld(connection, db.now(), ["CANDLE"])}
        assert cuts == {("CANDLE", "throttle", 8)}
        turn(db, there.lines, there.row(), "me")
        assert "it is shown 25 % of its numbers" in there.health().advice
        assert throttle(db, BOSS, CODE, None) == 25
        there.tell()
        assert there.number("CANDLE") == 10
        with pytest.raises(DomainError):
            throttle(db, BOSS, CODE, 101)


def test_with_the_real_worker_throttle_and_pause_take_effect_within_ten_seconds_and_are_undone(
    sqlite_db: Database,
) -> None:
    with place(sqlite_db, frozen=False) as there:
        there.live()
        worker = Worker(sqlite_db, lines=there.lines)
        worker.start()
        try:
            until(lambda: there.number("CANDLE") == 10, "the first number", within=10)
            throttle(sqlite_db, BOSS, CODE, 50)
            until(lambda: there.number("CANDLE") == 5, "the throttle", within=10)
            throttle(sqlite_db, BOSS, CODE, None)
            until(lambda: there.number("CANDLE") == 10, "its undoing", within=10)
            pause(sqlite_db, BOSS, CODE)
            assert there.health().state is State.PAUSED
            count_on_hand(sqlite_db, BOSS, "CANDLE", "EAST", 4)
            there.platform.market.tamper("SOAP-BAR", 77)
            tell_everything(sqlite_db)
            asked = len(there.platform.asked)
            resume(sqlite_db, BOSS, CODE)
            until(lambda: (there.number("CANDLE"), there.number("SOAP-BAR")) == (4, 10), "its resuming", within=10)
            assert len(there.platform.asked) > asked
        finally:
            worker.stop()


def test_a_batch_channel_gets_one_push_a_period_and_nothing_left_never_waits(db: Database) -> None:
    with place(db) as there:
        there.live()
        there.tell()
        set_mode(db, BOSS, CODE, "batch:15")
        there.now[0] = (there.now[0] // 900 + 1) * 900 + 5
        sent = count_rows(db, tables.delivery)
        for units in (9, 8, 7):
            count_on_hand(db, BOSS, "CANDLE", "EAST", units)
            there.now[0] += 60
            there.tell()
        assert (there.number("CANDLE"), count_rows(db, tables.delivery)) == (10, sent)
        assert there.health().state is not State.PARKED
        assert there.health().lag == 0
        there.now[0] = (there.now[0] // 900 + 1) * 900
        there.tell()
        assert (there.number("CANDLE"), count_rows(db, tables.delivery)) == (7, sent + 1)
        for units in (3, 0):
            count_on_hand(db, BOSS, "CANDLE", "EAST", units)
            there.now[0] += 1
            there.tell()
            assert there.number("CANDLE") == units
        set_mode(db, BOSS, CODE, "near:30")
        count_on_hand(db, BOSS, "CANDLE", "EAST", 50)
        there.tell()
        assert there.number("CANDLE") == 0
        there.now[0] += 31
        there.tell()
        assert there.number("CANDLE") == 50
        assert set_mode(db, BOSS, CODE, "realtime") == "near:30"


def test_a_number_that_changes_all_the_time_does_not_put_itself_off(sqlite_db: Database) -> None:
    with place(sqlite_db) as there:
        there.live()
        there.tell()
        set_mode(sqlite_db, BOSS, CODE, "near:10")
        pushed = []
        for units in range(100, 140):
            count_on_hand(sqlite_db, BOSS, "CANDLE", "EAST", units)
            there.now[0] += 1
            there.tell()
            pushed.append(there.number("CANDLE"))
        assert 4 <= len(set(pushed)) <= 6


def test_sync_sends_one_number_or_all_again_and_twice_does_no_harm(db: Database) -> None:
    with place(db) as there:
        there.live()
        there.tell()
        there.platform.market.tamper("CANDLE", 50)
        there.platform.market.tamper("SOAP-BAR", 50)
        assert sync(db, BOSS, CODE, "CANDLE").numbers == 1
        there.tell()
        assert (there.number("CANDLE"), there.number("SOAP-BAR")) == (10, 50)
        for _ in range(2):
            assert sync(db, BOSS, CODE).numbers == 2
        there.tell()
        assert there.number("SOAP-BAR") == 10
        with pytest.raises(DomainError, match="is told nothing of 'MUG'"):
            sync(db, BOSS, CODE, "MUG")
        pause(db, BOSS, CODE)
        with pytest.raises(DomainError, match="is told nothing now"):
            sync(db, BOSS, CODE)


def test_what_was_put_aside_is_shown_and_tried_again(db: Database) -> None:
    with place(db) as there:
        there.live()
        tell_everything(db)
        _park(db)
        found = there.health()
        assert (found.state, found.parked) == (State.PARKED, 3)
        assert found.advice.endswith(f"then `packproof channels replay {CODE}`")
        done = replay(db, BOSS, CODE)
        assert (done.told, done.heard) == (2, 1)
        there.tell()
        assert there.number("CANDLE") == 10
        assert replay(db, BOSS, CODE).told == 0
        _park(db, "outbox")
        sync(db, BOSS, CODE, "CANDLE")
        assert there.health().parked == 1


def _park(db: Database, *only: str) -> None:
    with transaction(db, BOSS, "test") as tx:
        if not only:
            inbox.put(tx, 2, [inbox.Item("order", "9")])
        for table in (tables.outbox, tables.inbox):
            if not only or table.name in only:
                tx.connection.execute(update(table).values(state="parked"))


def test_health_says_the_worst_first_and_what_to_do(db: Database) -> None:
    with place(db) as there:
        there.live()
        assert (there.health().state, there.health().advice[:21]) == (State.LATE, "no worker talks to it")
        row = there.row()
        turn(db, there.lines, row, "me")
        there.tell()
        assert (there.health().state, there.health().advice) == (State.HEALTHY, "nothing to do")
        there.platform.faults.down = True
        for units in range(20, 26):
            count_on_hand(db, BOSS, "CANDLE", "EAST", units)
            there.now[0] += 61
            there.tell()
        failing = there.health()
        assert (failing.state, failing.out, failing.failures) == (State.FAILING, 1, 6)
        assert failing.retry_at is not None
        assert failing.lag >= 300
        there.platform.faults.down = False
        there.now[0] += 61
        turn(db, there.lines, row, "me")
        there.tell()
        assert there.health().state is State.HEALTHY
        there.platform.faults.once(Fault.DENIED)
        there.platform.faults.once(Fault.DENIED)
        there.platform.faults.once(Fault.DENIED)
        count_on_hand(db, BOSS, "CANDLE", "EAST", 30)
        there.tell()
        assert there.health().state is State.DENIED
        assert there.health().advice == f"give it new credentials: `packproof channels add shopify {CODE}`"
        assert incidents_of(db, "channel_denied")


def test_launch_mode_shows_each_day_and_ends_by_itself(db: Database) -> None:
    with place(db) as there:
        there.live()
        row = there.row()
        there.platform.market.sell(("CANDLE", 2))
        while not turn(db, there.lines, row, "me"):
            pass
        there.tell()
        there.now[0] += 86_400
        with db.read() as connection:
            found = launch(connection, db.now(), CODE)
            later = launch(connection, db.now() + 13 * 86_400, CODE)
            assert launch(connection, db.now(), "shop").live_at is None
    assert (found.day, found.on, found.override) == (2, True, "for a test")
    assert [(day.orders, day.units, day.untold) for day in found.days] == [(1, 2, 0), (0, 0, 0)]
    assert found.days[0].told == 2
    assert (later.on, len(later.days) <= 15) == (False, True)


def test_no_secret_is_ever_shown(sqlite_db: Database) -> None:
    with place(sqlite_db) as there:
        there.live()
        with sqlite_db.read() as connection:
            shown, custom = channel_shown(connection, CODE), channel_shown(connection, "shop")
    secret = str(there.settings["client_secret"])
    assert shown["settings"]["client_secret"] == MASK
    assert secret not in str(shown)
    assert custom["settings"]["secret"] == MASK
    assert shown["truth"]["stock"]["who"] == "the stock book"
    assert set(shown["truth"]) == {"price", "stock", "speed", "cancel"}


@pytest.mark.parametrize(
    "text", ["", "batch", "batch:0", "batch:1441", "near:9999", "near:1.5", "now", "batch:-3", "near:٣"]
)
def test_a_mode_that_is_none_is_refused(sqlite_db: Database, text: str) -> None:
    open_book(sqlite_db)
    with pytest.raises(DomainError, match="expected realtime, near:SECONDS"):
        set_mode(sqlite_db, BOSS, "shop", text)


def test_a_shop_of_our_own_has_nothing_to_connect(sqlite_db: Database) -> None:
    open_book(sqlite_db)
    with sqlite_db.read() as connection, pytest.raises(DomainError, match="calls us by itself"):
        checklist(connection, "shop")
    with pytest.raises(DomainError, match="expected one of amazon"):
        account.platform_kind("custom")
