"""One story for every platform: what an adapter promises, it keeps on each of them, in the platform's own protocol."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest

from server.calls.line import Forgetful, Line
from server.calls.pace import Pace
from server.calls.troubles import Away, Denied, Refused, Throttled, Trouble
from server.channels import Platform, platform_of
from server.domain.errors import DomainError
from server.simulated.platforms import kinds, simulated
from server.simulated.platforms.base import Simulated
from server.simulated.platforms.faults import Fault
from server.simulated.platforms.market import Sale
from server.simulated.platforms.transport import transport
from server.trade.orders import ChannelOrder
from server.trade.words import Answer, Listing, Word

NINE = 1_795_338_000.0
"""2026-11-22 09:00 UTC."""


@dataclass
class Stand:
    """A platform that is simulated, and the line of a channel that is connected to it."""

    kind: str
    at: float = NINE
    platform: Simulated = field(init=False)
    adapter: Platform = field(init=False)
    line: Line = field(init=False)

    def __post_init__(self) -> None:
        self.platform = simulated(self.kind, lambda: self.at)
        adapter = platform_of(self.kind)
        assert adapter is not None
        self.adapter = adapter
        self.line = self.connect(self.platform.settings())

    def connect(self, settings: Mapping[str, Any]) -> Line:
        client = httpx.Client(transport=transport([self.platform]))
        pace = Pace({}, lambda: self.at)
        return Line(self.kind, settings, client, lambda: self.at, pace, Forgetful(), patience=0.0)

    def listings(self) -> list[Listing]:
        found: list[Listing] = []
        cursor = ""
        for _ in range(100):
            page = self.adapter.listings(self.line, cursor)
            found += page.listings
            cursor = page.cursor
            if not cursor:
                return found
        raise AssertionError("the listings never end")

    def changed(self, cursor: Mapping[str, Any]) -> tuple[dict[str, ChannelOrder], Mapping[str, Any]]:
        """All pages; the newest state of each order. All of them can be read."""
        found, unread, cursor = self.looked(cursor)
        assert not unread
        return found, cursor

    def looked(self, cursor: Mapping[str, Any]) -> tuple[dict[str, ChannelOrder], set[str], Mapping[str, Any]]:
        """The same, with the ids of orders that could not be read."""
        found: dict[str, ChannelOrder] = {}
        unread: set[str] = set()
        for _ in range(100):
            page = self.adapter.changed_orders(self.line, cursor)
            found |= {each.order.order_id: each for each in page.orders}
            unread |= set(page.unread)
            cursor = page.cursor
            if not page.more:
                return found, unread, cursor
            self.at += 0.1
        raise AssertionError("the pages never end")

    def tell(self, word: Word) -> Answer:
        return self.tell_all([word])[0]

    def tell_all(self, words: list[Word]) -> list[Answer]:
        """In groups of the adapter's size; trouble of a whole call is the answer of each."""
        size = self.adapter.BULK.get(words[0].kind, 1)
        answers: list[Answer] = []
        for begin in range(0, len(words), size):
            group = words[begin : begin + size]
            try:
                answers += self.adapter.tell(self.line, group)
            except Trouble as trouble:
                answers += [Answer(trouble.detail, trouble)] * len(group)
        return answers

    def insist(self, words: list[Word], tries: int = 12) -> dict[str, Answer]:
        """As the engine does: what is away or too early is tried again, later."""
        told: dict[str, Answer] = {}
        for _ in range(tries):
            for word, answer in zip(words, self.tell_all(words), strict=True):
                told[word.key] = answer
            words = [replace(w, tried=True) for w in words if isinstance(told[w.key].trouble, Away | Throttled)]
            if not words:
                break
            self.at += 90.0
        return told

    def order(self, sale: Sale) -> ChannelOrder:
        found = self.adapter.order(self.line, sale.ref)
        assert found is not None
        return found


@pytest.fixture(params=kinds())
def stand(request: pytest.FixtureRequest) -> Iterator[Stand]:
    made = Stand(request.param)
    yield made
    made.line.client.close()


def stock(listing: Listing, units: int, before: int | None = None, **more: Any) -> Word:
    data = {"sku": listing.sku, "available": units, "version": 1}
    return Word(
        id=f"msg_{listing.sku}", kind="stock", key=listing.sku, data=data, before=before, listings=(listing,), **more
    )


def shipment(stand: Stand, sale: Sale, units: Mapping[str, int], tracking: str, **changes: Any) -> Word:
    data: dict[str, Any] = {
        "order_id": sale.ref,
        "parcel_id": f"PCL-{tracking[-4:]}",
        "tracking_number": tracking,
        "carrier": getattr(stand.platform, "known_carrier", "ups"),
        "carrier_name": "UPS",
        "service": "standard",
        "shipped_at": "2026-11-22T09:30:00Z",
        "lines": [
            {"line_id": line.line_id, "sku": line.sku, "quantity": units[line.sku]}
            for line in sale.lines
            if units.get(line.sku)
        ],
    }
    return Word(id=f"msg_{tracking}", kind="shipment", key=data["parcel_id"], data=data | changes)


def test_a_module_has_every_name_of_a_platform(stand: Stand) -> None:
    names = {*Platform.__annotations__, *(name for name in vars(Platform) if not name.startswith("_"))}
    assert not names - set(vars(stand.adapter))
    assert stand.adapter.poll(stand.line.settings) > 0
    most = stand.adapter.SHOWN_MOST
    assert most == (999 if stand.kind == "etsy" else None)


def test_good_credentials_are_believed_and_wrong_ones_are_denied(stand: Stand) -> None:
    assert stand.adapter.who(stand.line).name
    secrets = [each.name for each in stand.adapter.SETTINGS if each.secret and each.name in stand.line.settings]
    assert secrets
    wrong = {**stand.line.settings, **dict.fromkeys(secrets, "wrong-" + "x" * 24)}
    with pytest.raises(Denied):
        stand.adapter.who(stand.connect(wrong))


def test_a_token_that_grew_old_is_renewed_without_anybody_s_help(stand: Stand) -> None:
    stand.platform.market.offer("CANDLE", 3)
    for _ in range(3):
        assert stand.adapter.who(stand.line).name
        stand.at += 5 * 3600
    assert [each.sku for each in stand.listings()] == ["CANDLE"]


def test_everything_on_sale_is_seen_over_all_pages(stand: Stand) -> None:
    for n in range(230):
        stand.platform.market.offer(
            f"SKU-{n:03}", n, title=f"Thing {n} · Größe", gtin="4006381333931" if n == 7 else ""
        )
    found = stand.listings()
    assert sorted(each.sku for each in found) == [f"SKU-{n:03}" for n in range(230)]
    assert {each.sku: each.quantity for each in found} in (
        {f"SKU-{n:03}": n for n in range(230)},
        {f"SKU-{n:03}": None for n in range(230)},
    )
    assert len({each.ref for each in found}) == 230


def test_a_sale_comes_in_with_every_byte_of_its_name_and_address(stand: Stand) -> None:
    stand.platform.market.offer("CANDLE", 10, title="Candle")
    stand.platform.market.offer("SOAP", 10, title="Soap")
    _, cursor = stand.changed({})
    stand.at += 10
    sale = stand.platform.market.sell(("CANDLE", 2), ("SOAP", 1))
    stand.at += 300
    found, _ = stand.changed(cursor)
    for seen in (found[sale.ref], stand.order(sale)):
        to = seen.order.ship_to
        assert (to.name, to.city, to.postcode, to.country) == ("Zoë Nuñez 张", "Portland", "97205", "US")
        assert to.lines[:2] == ("12 Orchard Lane", "Apt 4")
        assert [(line.sku, line.quantity) for line in seen.order.lines] == [("CANDLE", 2), ("SOAP", 1)]
        assert len({line.line_id for line in seen.order.lines}) == 2
        assert not seen.cancelled
        assert not seen.handed_over
        assert (seen.order.payment or ("paid" if seen.order.paid else "")) == "paid"
        assert seen.order.fulfilment == "own"
        assert abs((seen.order.placed_at or 0) - sale.placed_at) < 61
        assert stand.adapter.read_order(seen.order.raw) == seen


def test_an_order_nobody_has_is_none(stand: Stand) -> None:
    sold = stand.platform.market
    sold.offer("CANDLE", 10)
    like = sold.sell(("CANDLE", 1)).ref
    nobody = like[:-1] + ("8" if like[-1] != "8" else "7")
    assert stand.adapter.order(stand.line, nobody) is None


def test_no_order_is_lost_among_pages_while_orders_change(stand: Stand) -> None:
    market = stand.platform.market
    market.offer("CANDLE", 10_000)
    _, cursor = stand.changed({})
    stand.at += 10
    sales = []
    for _ in range(260):
        sales.append(market.sell(("CANDLE", 1)))
        stand.at += 1
    seen: dict[str, ChannelOrder] = {}
    for nth in range(100):
        page = stand.adapter.changed_orders(stand.line, cursor)
        seen |= {each.order.order_id: each for each in page.orders}
        cursor = page.cursor
        if nth == 0:
            for sale in sales[:40]:
                market.cancel(sale.ref)
        if not page.more:
            break
        stand.at += 1
    stand.at += 600
    later, _ = stand.changed(cursor)
    seen |= later
    assert set(seen) == {sale.ref for sale in sales}
    assert {ref for ref, each in seen.items() if each.cancelled} == {sale.ref for sale in sales[:40]}


def test_one_order_that_cannot_be_read_is_named_and_keeps_no_other_back(stand: Stand) -> None:
    market = stand.platform.market
    market.offer("CANDLE", 10)
    _, cursor = stand.changed({})
    stand.at += 10
    good, bad, other = (market.sell(("CANDLE", 1)) for _ in range(3))
    stand.platform.spoil(bad.ref)
    stand.at += 300
    found, unread, cursor = stand.looked(cursor)
    assert set(found) == {good.ref, other.ref}
    assert unread == {bad.ref}
    with pytest.raises(DomainError, match="malformed"):
        stand.adapter.order(stand.line, bad.ref)
    stand.platform.spoil(bad.ref, {})
    market.change(bad.ref, note="Mended")
    stand.at += 300
    found, unread, _ = stand.looked(cursor)
    assert bad.ref in found
    assert not unread


def test_part_of_an_order_or_all_of_it_is_cancelled_by_the_buyer(stand: Stand) -> None:
    market = stand.platform.market
    market.offer("CANDLE", 10)
    market.offer("SOAP", 10)
    part, whole = market.sell(("CANDLE", 2), ("SOAP", 1)), market.sell(("CANDLE", 1))
    stand.at += 5
    if getattr(stand.platform, "lines_partial", True):
        market.cancel(part.ref, {part.lines[1].line_id: 1})
        assert [(line.sku, line.quantity) for line in stand.order(part).order.lines] == [("CANDLE", 2)]
    market.cancel(whole.ref)
    assert stand.order(whole).cancelled
    assert not stand.order(part).cancelled


def test_money_that_comes_later_is_seen_when_it_comes(stand: Stand) -> None:
    market = stand.platform.market
    market.offer("CANDLE", 10)
    sale = market.sell(("CANDLE", 1), paid="unpaid")
    before = stand.order(sale).order
    assert not before.paid
    assert before.payment in ("", "unpaid")
    stand.at += 5
    market.change(sale.ref, paid="paid")
    after = stand.order(sale)
    assert after.order.paid or after.order.payment == "paid"
    assert after.changed_at > sale.placed_at


def test_another_address_is_seen(stand: Stand) -> None:
    market = stand.platform.market
    market.offer("CANDLE", 10)
    sale = market.sell(("CANDLE", 1))
    stand.at += 5
    market.change(sale.ref, buyer={"lines": ("9 Rue de l'Église", "")})
    assert stand.order(sale).order.ship_to.lines[0] == "9 Rue de l'Église"


def test_one_bad_row_among_120_keeps_no_other_back(stand: Stand) -> None:
    market = stand.platform.market
    for n in range(120):
        market.offer(f"SKU-{n:03}", 50)
    listings = stand.listings()
    gone = next(each for each in listings if each.sku == "SKU-060")
    stand.platform.gone("SKU-060")  # type: ignore[attr-defined]
    words = [stock(each, n, before=50) for n, each in enumerate(sorted(listings, key=lambda each: each.sku))]
    told = stand.insist(words)
    assert {key for key, answer in told.items() if not answer.ok} == {"SKU-060"}
    assert isinstance(told["SKU-060"].trouble, Refused)
    wanted = {f"SKU-{n:03}": n for n in range(120) if n != 60}
    assert {item.sku: item.quantity for item in market.items.values() if item.sku in wanted} == wanted
    live: dict[str, int | None] = {}
    for begin in range(0, len(listings), 100):
        live |= stand.adapter.live_stock(stand.line, listings[begin : begin + 100])
    by_sku = {each.sku: live.get(each.ref) for each in listings}
    assert by_sku == wanted | {"SKU-060": None}
    assert live[gone.ref] is None


def test_a_number_that_somebody_edits_there_is_read_back(stand: Stand) -> None:
    stand.platform.market.offer("CANDLE", 10)
    [listing] = stand.listings()
    stand.platform.market.tamper("CANDLE", 77)
    assert stand.adapter.live_stock(stand.line, [listing]) == {listing.ref: 77}


def test_a_parcel_is_confirmed_once_although_the_answer_is_lost(stand: Stand) -> None:
    market = stand.platform.market
    market.offer("CANDLE", 10)
    market.offer("SOAP", 10)
    sale = market.sell(("CANDLE", 2), ("SOAP", 1))
    if getattr(stand.platform, "lines_partial", True):
        first = shipment(stand, sale, {"CANDLE": 2}, "1Z999AA10123456784")
        second = shipment(stand, sale, {"SOAP": 1}, "1Z999AA10123456793")
    else:
        first = shipment(stand, sale, {"CANDLE": 2, "SOAP": 1}, "1Z999AA10123456784")
        second = None
    assert stand.insist([first])[first.key].ok
    assert [s.tracking for s in sale.shipments] == ["1Z999AA10123456784"]
    if second is not None:
        stand.platform.faults.once(
            Fault.LOST_AFTER, "POST" if "POST" in {m for m, _, _ in stand.platform.asked} else ""
        )
        assert stand.insist([second])[second.key].ok
        assert sorted(s.tracking for s in sale.shipments) == ["1Z999AA10123456784", "1Z999AA10123456793"]
    again = stand.insist([replace(first, tried=True)])[first.key]
    assert again.ok
    assert len(sale.shipments) == (2 if second is not None else 1)
    assert stand.order(sale).handed_over
    assert "1Z999AA10123456784" in stand.order(sale).tracking


def test_a_carrier_the_platform_does_not_know_is_held_or_goes_out_under_its_own_name(stand: Stand) -> None:
    market = stand.platform.market
    market.offer("CANDLE", 10)
    sale = market.sell(("CANDLE", 1))
    word = shipment(stand, sale, {"CANDLE": 1}, "PV00000000017", carrier="own-van", carrier_name="Own van")
    answer = stand.insist([word])[word.key]
    if answer.ok:
        assert "own van" in sale.shipments[0].carrier.lower()
    else:
        assert isinstance(answer.trouble, Refused)
        assert "carrier" in answer.text.lower()
        assert not sale.shipments


def test_our_cancel_reaches_the_platform_or_is_refused_in_words(stand: Stand) -> None:
    market = stand.platform.market
    market.offer("CANDLE", 10)
    sale = market.sell(("CANDLE", 2))
    lines = [{"line_id": line.line_id, "sku": line.sku, "quantity": line.quantity} for line in sale.lines]
    data = {"order_id": sale.ref, "cancelled_at": "2026-11-22T09:10:00Z", "reason": "out_of_stock", "lines": lines}
    word = Word(id="msg_c", kind="cancel", key="1001", data=data)
    answer = stand.insist([word])["1001"]
    if getattr(stand.platform, "cancels", True):
        assert answer.ok, answer.text
        assert sale.status == "cancelled"
        assert stand.insist([replace(word, tried=True)])["1001"].ok
    else:
        assert isinstance(answer.trouble, Refused)
        assert sale.status == "open"


PAID_BACK: Mapping[str, Mapping[str, Any]] = {
    "etsy": {"refunds": [{"amount": {"amount": 1900, "divisor": 100, "currency_code": "USD"}, "status": "success"}]},
}
"""What it shows beside an order of which money went back; Amazon and Walmart show it in reports and returns only."""


def test_what_has_left_is_paid_back_once_although_the_answer_is_lost_or_refused_in_words(stand: Stand) -> None:
    market = stand.platform.market
    market.offer("CANDLE", 10)
    sale = market.sell(("CANDLE", 3))
    [line] = sale.lines
    shipped: dict[str, Any] = {"order_id": sale.ref, "tracking_number": "1Z999AA10123456784", "carrier": "ups"}
    shipped |= {"carrier_name": "UPS"}
    shipped |= {"service": "standard", "shipped_at": "2026-11-22T09:05:00Z", "parcel_id": "PCL-1"}
    shipped |= {"lines": [{"line_id": line.line_id, "sku": "CANDLE", "quantity": 3}]}
    if stand.adapter.ACK_WITHIN is not None:
        stand.insist([Word(id="msg_a", kind="ack", key=sale.ref, data={"order_id": sale.ref})])
    assert stand.insist([Word(id="msg_s", kind="shipment", key="PCL-1", data=shipped)])["PCL-1"].ok
    before, shown = len(sale.refunds), market.item("CANDLE").quantity
    data: dict[str, Any] = {"order_id": sale.ref, "refunded_at": "2026-11-22T09:10:00Z", "reason": "lost"}
    data |= {"lines": [{"line_id": line.line_id, "sku": "CANDLE", "quantity": 1}]}
    word = Word(id="msg_r", kind="refund", key="1001/7", data=data)
    path = getattr(stand.platform, "refunds", "")
    assert not stand.order(sale).paid_back
    stand.at += 60.0
    if not path:
        answer = stand.tell(word)
        assert isinstance(answer.trouble, Refused)
        assert answer.text
        raw = {**stand.order(sale).order.raw, **PAID_BACK.get(stand.platform.KIND, {})}
        assert stand.adapter.read_order(raw).paid_back == (stand.platform.KIND in PAID_BACK)
        return
    stand.platform.faults.once(Fault.LOST_AFTER, "POST", path)
    assert stand.insist([word])["1001/7"].ok
    assert stand.insist([replace(word, tried=True)])["1001/7"].ok
    assert (len(sale.refunds) - before, market.item("CANDLE").quantity) == (1, shown)
    assert stand.order(sale).paid_back
    assert stand.insist([replace(word, id="msg_2")])["1001/7"].ok, "another unit is another refund"
    assert len(sale.refunds) - before == 2


def test_an_order_is_acknowledged_where_the_platform_asks_for_it(stand: Stand) -> None:
    market = stand.platform.market
    market.offer("CANDLE", 10)
    sale = market.sell(("CANDLE", 1))
    if stand.adapter.ACK_WITHIN is None:
        assert stand.order(sale).acknowledged
        return
    assert not stand.order(sale).acknowledged
    assert stand.tell(Word(id="msg_a", kind="ack", key=sale.ref, data={"order_id": sale.ref})).ok
    assert stand.order(sale).acknowledged


def test_a_word_no_platform_knows_is_refused(stand: Stand) -> None:
    assert isinstance(stand.tell(Word(id="m", kind="poem", key="k", data={})).trouble, Refused)


def test_a_message_is_believed_only_when_the_platform_signed_exactly_this(stand: Stand) -> None:
    market = stand.platform.market
    market.offer("CANDLE", 10)
    sale = market.sell(("CANDLE", 1))
    if not stand.platform.outgoing:
        with pytest.raises(DomainError):
            stand.adapter.heard(stand.line, {}, b"{}")
        return
    told = [
        stand.adapter.heard(stand.line, {k.lower(): v for k, v in message.headers.items()}, message.body)
        for message in stand.platform.outgoing
    ]
    assert any(("order", sale.ref) in {(ref.kind, ref.ref) for ref in heard.refs} for heard in told)
    for message in stand.platform.outgoing:
        headers = {k.lower(): v for k, v in message.headers.items()}
        for body in (message.body[:-1], message.body + b" ", b"", b"\xff\xfe"):
            with pytest.raises(DomainError):
                stand.adapter.heard(stand.line, headers, body)
        with pytest.raises(DomainError):
            stand.adapter.heard(stand.line, {}, message.body)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(Fault.TOO_MANY, Throttled), (Fault.BROKEN, Away), (Fault.LOST_BEFORE, Away), (Fault.GARBLED, Away)],
    ids=str,
)
def test_what_goes_wrong_there_is_trouble_of_the_right_kind_here(
    stand: Stand, fault: Fault, kind: type[Trouble]
) -> None:
    market = stand.platform.market
    market.offer("CANDLE", 10)
    sale = market.sell(("CANDLE", 1))
    stand.adapter.who(stand.line)
    stand.platform.faults.once(fault)
    with pytest.raises(kind):
        stand.adapter.order(stand.line, sale.ref)
    stand.at += 7200
    assert stand.order(sale).order.order_id == sale.ref


def test_a_platform_that_is_down_is_away_and_nothing_else(stand: Stand) -> None:
    stand.platform.market.offer("CANDLE", 10)
    [listing] = stand.listings()
    stand.platform.faults.down = True
    assert isinstance(stand.tell(stock(listing, 5, before=10)).trouble, Away)
    with pytest.raises(Away):
        stand.adapter.changed_orders(stand.line, {})
    stand.platform.faults.down = False
    assert stand.insist([stock(listing, 5, before=10, tried=True)])["CANDLE"].ok
    assert stand.platform.market.item("CANDLE").quantity == 5
