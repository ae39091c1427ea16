"""EasyPost sells one label for a parcel, whatever is lost on the way (LBL-02, RAT-03)."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import httpx
import pytest

from server.calls.troubles import Away, Denied, Refused, Throttled, Trouble, Unsettled
from server.carriers.easypost.buying import SETTLES
from server.simulated.carriers import easypost_desk
from server.simulated.platforms.base import Ask, Said
from server.simulated.platforms.faults import Fault
from server.simulated.platforms.transport import ask_of, transport
from tests.easypost_stand import AWAY, PARCEL, Stand, as_shipment


def test_a_label_is_bought_at_the_price_easypost_shows_and_comes_as_its_own_zpl() -> None:
    stand = Stand()
    quoted = {each.service: each.price for each in stand.carrier.quote(PARCEL)}
    bought = stand.buy()
    assert (bought.service, bought.cost, bought.currency) == ("USPS.GroundAdvantage", Decimal("5.91"), "USD")
    assert bought.cost == quoted["USPS.GroundAdvantage"] == stand.easypost.charged[0][1]
    assert bought.label is not None
    assert bought.label.format == "zpl"
    assert bought.tracking.encode() in bought.label.data


@pytest.mark.parametrize(
    "fault", [Fault.LOST_AFTER, Fault.BROKEN_AFTER, Fault.LOST_BEFORE, Fault.BROKEN, Fault.GARBLED]
)
def test_an_answer_that_is_lost_is_found_again_and_nothing_is_bought_twice(fault: Fault) -> None:
    stand = Stand()
    stand.easypost.faults.once(fault, "POST", "/buy")
    with pytest.raises(Away) as lost:
        stand.buy()
    assert lost.value.maybe_done
    stand.restart()
    if fault in (Fault.LOST_AFTER, Fault.BROKEN_AFTER):
        assert stand.look_up() is not None
    else:
        with pytest.raises(Unsettled):
            stand.look_up()
    again = stand.buy()
    assert [tracking for tracking, _ in stand.easypost.charged] == [again.tracking]
    assert stand.look_up() == stand.buy() == again


def offered(stand: Stand, **changes: Any) -> str:
    """How EasyPost names its offer for the parcel."""
    return stand.carrier.quote(replace(PARCEL, **changes))[0].quote_id


def test_what_was_offered_is_what_is_bought_though_prices_have_risen_since(monkeypatch: pytest.MonkeyPatch) -> None:
    stand = Stand()
    price = {each.service: each.price for each in stand.carrier.quote(PARCEL)}["USPS.GroundAdvantage"]
    name = offered(stand)
    monkeypatch.setattr(easypost_desk, "price", lambda *_: "99.00")
    stand.at += 3500.0
    assert stand.buy(quote_id=name).cost == price
    assert len(stand.easypost.shipments) == 2, "the two that showed prices, and none beside them"
    assert stand.buy(quote_id=name).cost == price, "asked again it is the same label"
    assert len(stand.easypost.live()) == 1


@pytest.mark.parametrize("other", ["weight", "address", "old", "taken", "void", "gone", "nonsense"])
def test_an_offer_for_another_parcel_an_old_one_and_one_that_was_taken_are_not_bought(other: str) -> None:
    stand = Stand()
    name = offered(stand, weight_grams=2000 if other == "weight" else 500)
    street = "9 Other Road" if other == "address" else PARCEL.ship_to.lines[0]
    if other == "old":
        stand.at += 3601.0
    if other == "taken":
        stand.carrier.buy(replace(PARCEL, quote_id=name, parcel_id="PCL9"), "PCL9")
    if other == "void":
        stand.carrier.void(as_shipment(stand.buy(quote_id=name)))
    if other == "gone":
        stand.easypost.shipments.clear()
    to = replace(PARCEL.ship_to, lines=(street,))
    bought = stand.buy(quote_id="shp_1/x" if other == "nonsense" else name, ship_to=to)
    known, _, _ = name.partition("/")
    assert bought.shipment_id != known
    assert stand.easypost.shipments[bought.shipment_id]["to_address"]["street1"] == street
    assert len(stand.easypost.live()) == 1 + (other == "taken")


def test_a_shipment_whose_own_answer_was_lost_is_never_bought() -> None:
    stand = Stand()
    stand.easypost.faults.once(Fault.LOST_AFTER, "POST", "/shipments")
    with pytest.raises(Away) as lost:
        stand.buy()
    # Nothing can have been bought, and the bench may say so.
    assert not lost.value.maybe_done
    assert stand.look_up() is None
    stand.buy()
    assert (len(stand.easypost.shipments), len(stand.easypost.charged)) == (2, 1)


def test_too_many_calls_and_a_revoked_key_buy_nothing_and_the_next_press_does() -> None:
    stand = Stand()
    for fault, kind in ((Fault.TOO_MANY, Throttled), (Fault.DENIED, Denied)):
        stand.easypost.faults.once(fault, "POST", "/buy")
        with pytest.raises(kind):
            stand.buy()
        asked = len(stand.easypost.asked)
        assert stand.look_up() is None
        assert len(stand.easypost.asked) == asked, "what was certainly not bought is not asked after"
        stand.at += 3
    assert stand.easypost.charged == []
    stand.buy()
    assert len(stand.easypost.charged) == 1


def test_an_address_nobody_delivers_to_is_refused_in_words_and_the_right_one_is_bought_at_once() -> None:
    stand = Stand()
    stand.easypost.refused.add("94107")
    with pytest.raises(Refused, match="Unable to deliver to this address"):
        stand.buy()
    assert stand.look_up() is None
    bought = stand.buy(ship_to=replace(AWAY, postcode="94110"))
    [there] = stand.easypost.live()
    assert (there["to_address"]["zip"], there["tracking_code"]) == ("94110", bought.tracking)
    assert len(stand.easypost.charged) == 1


def test_while_a_purchase_is_unanswered_no_other_address_is_bought_for_the_parcel() -> None:
    stand = Stand()
    stand.easypost.faults.once(Fault.LOST_BEFORE, "POST", "/buy")
    with pytest.raises(Away):
        stand.buy()
    moved = replace(AWAY, postcode="94110")
    with pytest.raises(Away, match="other particulars") as waits:
        stand.buy(ship_to=moved)
    assert waits.value.maybe_done
    stand.at += 901
    stand.buy(ship_to=moved)
    assert [each["to_address"]["zip"] for each in stand.easypost.live()] == ["94110"]


class Late:
    """EasyPost carries out the first purchase only when it is told to; nobody hears an answer to it before."""

    def __init__(self, stand: Stand) -> None:
        self.stand, self.inner = stand, transport([stand.easypost])
        self.held: httpx.Request | None = None
        self.says: list[httpx.Response] = []
        stand.restart(httpx.MockTransport(self.answer))
        with pytest.raises(Away) as lost:
            stand.buy()
        assert lost.value.maybe_done

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/buy"):
            if self.held is None:
                self.held = request
                raise httpx.ReadTimeout("late", request=request)
            if self.says:
                return self.says.pop()
        return self.inner.handle_request(request)

    def carry_out(self) -> None:
        assert self.held is not None
        self.inner.handle_request(self.held)


NO = [(429, "RATE_LIMITED"), (402, "BILLING.LOW"), (422, "SHIPMENT.POSTAGE.FAILURE")]


@pytest.mark.parametrize(("status", "code"), NO)
def test_a_no_to_the_second_asking_does_not_forget_the_first_whose_answer_is_out(status: int, code: str) -> None:
    stand = Stand()
    late = Late(stand)
    late.says = [httpx.Response(status, json={"error": {"code": code, "message": "no"}})]
    with pytest.raises(Trouble):
        stand.buy()
    with pytest.raises(Unsettled):
        stand.look_up()
    late.carry_out()
    stand.at += 100
    found = stand.look_up()
    assert found is not None
    assert stand.buy(ship_to=replace(AWAY, postcode="94110")) == found, "no second label for a corrected address"
    assert [each["tracking_code"] for each in stand.easypost.live()] == [found.tracking]


def test_a_limit_of_our_own_does_not_forget_an_asking_whose_answer_is_out() -> None:
    stand = Stand()
    late = Late(stand)
    stand.carrier.line.pace.shut("buy", 60.0)  # type: ignore[attr-defined]
    with pytest.raises(Throttled):
        stand.buy()
    late.carry_out()
    assert stand.look_up() is not None


def test_nobody_says_that_nothing_was_bought_while_easypost_may_still_be_buying() -> None:
    stand = Stand()
    late = Late(stand)
    stand.at += SETTLES - 1
    with pytest.raises(Unsettled):
        stand.look_up()
    stand.at += 1
    assert stand.look_up() is None
    late.carry_out()
    assert stand.look_up() is not None, "it is looked at all the same"


def test_a_purchase_that_never_left_us_was_never_asked_for() -> None:
    stand = Stand()
    inner = transport([stand.easypost])

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/buy"):
            raise httpx.ConnectError("refused", request=request)
        return inner.handle_request(request)

    stand.restart(httpx.MockTransport(answer))
    with pytest.raises(Away) as away:
        stand.buy()
    assert not away.value.maybe_done
    assert stand.look_up() is None


def shows(stand: Stand, changed: Callable[[httpx.Request], httpx.Response | None]) -> None:
    """From now on EasyPost answers as ``changed`` says, and as ever where that says nothing."""
    inner = transport([stand.easypost])
    stand.restart(httpx.MockTransport(lambda request: changed(request) or inner.handle_request(request)))


@pytest.mark.parametrize("body", [b"", b"{}", b'{"id": null}'])
def test_an_empty_answer_is_not_taken_for_no_label(body: bytes) -> None:
    stand = Stand()
    stand.buy()
    shows(stand, lambda _: httpx.Response(200, content=body))
    for ask in (stand.look_up, stand.buy):
        with pytest.raises(Away, match="expected EasyPost's answer about shp_") as unknown:
            ask()
        assert unknown.value.maybe_done


def test_the_label_of_another_shipment_is_not_taken_for_this_parcels() -> None:
    stand = Stand()
    bought = stand.buy()
    [other] = stand.others("standard")
    body = Said.of(stand.easypost.shipments[other.shipment_id]).body
    shows(stand, lambda asked: httpx.Response(200, content=body) if "/shipments/" in asked.url.path else None)
    for ask in (stand.look_up, stand.buy):
        with pytest.raises(Away, match=f"about {bought.shipment_id}, found {other.shipment_id}"):
            ask()


def test_an_answer_to_a_purchase_that_is_about_another_shipment_leaves_it_in_doubt() -> None:
    stand = Stand()
    stand.others("standard")
    [body] = [Said.of(each).body for each in stand.easypost.shipments.values()]
    shows(stand, lambda asked: httpx.Response(200, content=body) if asked.url.path.endswith("/buy") else None)
    with pytest.raises(Away, match="found shp_") as unknown:
        stand.buy()
    assert unknown.value.maybe_done
    with pytest.raises(Unsettled):
        stand.look_up()


@pytest.mark.parametrize("state", [[], {}, ["refunded"], 1])
def test_a_refund_whose_state_is_no_word_is_neither_void_nor_live(state: object) -> None:
    stand = Stand()
    bought = stand.buy()
    stand.easypost.shipments[bought.shipment_id]["refund_status"] = state
    with pytest.raises(Away, match="the state of a refund in words") as unknown:
        stand.look_up()
    assert unknown.value.maybe_done


OURS = "9400100105440000000080"
"""What the simulation gives first."""


@pytest.mark.parametrize(
    ("zpl", "good"),
    [
        (f"^XA^BCN,200^FD{OURS}^FS^XZ", True),
        (f"^XA^BCN^FD>;>842094107{OURS[:4]}>8{OURS[4:]}^FS^XZ", True),
        ("^XA^GFA,8,8,1,FFFFFFFFFFFFFFFF^FS^BCN^FDX^FS^FD9400 1001 0544 0000 0000 80^FS^XZ", True),
        ("^XA^BY2^GFA,8,8,1,FFFFFFFFFFFFFFFF^FS^XZ", True),
        ("^XA^FD9400OTHERNUMBER^FS^XZ", False),
        ("^XA^GFA,8,8,1,FFFFFFFFFFFFFFFF^FS^BCN^FD9400100105440000000039^FS^XZ", False),
    ],
)
def test_a_label_with_another_number_is_never_printed(zpl: str, good: bool) -> None:
    stand = Stand()
    shows(stand, lambda asked: httpx.Response(200, text=zpl) if "/files/" in asked.url.path else None)
    if good:
        assert stand.buy().tracking == OURS
        return
    with pytest.raises(Away, match="another number") as unknown:
        stand.buy()
    assert unknown.value.maybe_done


def test_a_voided_label_is_not_found_and_its_parcel_gets_a_new_one() -> None:
    stand = Stand()
    first = stand.buy()
    stand.carrier.void(as_shipment(first))
    assert stand.look_up() is None
    second = stand.buy()
    assert second.tracking != first.tracking
    assert [each["tracking_code"] for each in stand.easypost.live()] == [second.tracking]


def test_a_cut_off_label_is_never_printed_and_the_purchase_is_not_repeated() -> None:
    stand = Stand()
    stand.easypost.bad_labels = 1
    with pytest.raises(Away, match="no whole ZPL label") as cut:
        stand.buy()
    assert cut.value.maybe_done
    stand.buy()
    assert len(stand.easypost.charged) == 1


def test_a_label_is_fetched_without_the_key_and_only_from_hosts_of_the_settings() -> None:
    stand = Stand()
    fetched: list[httpx.Request] = []
    elsewhere = {"label_url": "https://files.evil.test/x.zpl", "label_file_type": "application/zpl"}

    def answer(request: httpx.Request) -> httpx.Response:
        fetched.append(request)
        said = stand.easypost.answer(ask_of(request))
        body = said.body
        if request.url.path.endswith("/buy"):
            shipment = next(iter(stand.easypost.shipments.values()))
            shipment["postage_label"] = elsewhere
            body = Said.of(shipment).body
        return httpx.Response(said.status, content=body)

    stand.restart(httpx.MockTransport(answer))
    with pytest.raises(Away, match=r"files\.evil\.test") as strange:
        stand.buy()
    assert strange.value.maybe_done
    assert all(request.url.host == "easypost.test" for request in fetched)
    next(iter(stand.easypost.shipments.values()))["postage_label"] = dict.fromkeys(elsewhere, None)
    stand.buy()
    assert fetched[-1].url.path.startswith("/files/")
    assert "authorization" not in fetched[-1].headers


def test_old_rates_are_asked_for_again_before_one_is_bought() -> None:
    stand = Stand()
    stand.easypost.faults.once(Fault.TOO_MANY, "POST", "/buy")
    with pytest.raises(Throttled):
        stand.buy()
    stand.at += 4000
    stand.buy()
    assert [path.rsplit("/", 1)[1] for _, path, _ in stand.easypost.asked if "rerate" in path] == ["rerate"]
    assert len(stand.easypost.shipments) == 1


@pytest.mark.parametrize(
    ("status", "body", "kind", "says"),
    [
        (402, b'{"error": {"code": "BILLING.LOW", "message": "Insufficient funds."}}', Denied, "Insufficient funds."),
        (403, b"<html>no</html>", Denied, "403"),
        (
            422,
            b'{"error": {"code": "X", "message": "No.", "errors": [{"field": "zip", "message": "bad\\u001b[2J"}]}}',
            Refused,
            r"^No.; zip: bad \[2J$",
        ),
        (422, b'{"error": {"message": ["a", "b"], "errors": ["c"]}}', Refused, r'^\["a", "b"\]; c$'),
        (200, b"[]", Away, "expected an object"),
    ],
)
def test_what_easypost_says_becomes_one_printable_sentence(
    status: int, body: bytes, kind: type[Trouble], says: str
) -> None:
    stand = Stand()
    stand.restart(httpx.MockTransport(lambda _: httpx.Response(status, content=body)))
    with pytest.raises(kind, match=says):
        stand.buy()


def test_a_purchase_that_is_under_way_is_not_called_refused() -> None:
    stand = Stand()
    busy = b'{"error": {"code": "SHIPMENT.PURCHASE.IN_PROGRESS", "message": "Purchase in progress."}}'

    def answer(request: httpx.Request) -> httpx.Response:
        ask: Ask = ask_of(request)
        if ask.path.endswith("/buy"):
            return httpx.Response(422, content=busy)
        said = stand.easypost.answer(ask)
        return httpx.Response(said.status, content=said.body)

    stand.restart(httpx.MockTransport(answer))
    with pytest.raises(Away, match="in progress") as unsure:
        stand.buy()
    assert unsure.value.maybe_done
