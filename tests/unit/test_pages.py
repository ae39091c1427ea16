"""A page of orders is read one by one: what cannot be read is named, and what has no id is logged without a person."""

from collections.abc import Mapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from server.domain.errors import DomainError
from server.trade.orders import ChannelOrder, IncomingOrder, ShipTo
from server.trade.pages import each_read


def order(raw: Any) -> ChannelOrder | None:
    if not isinstance(raw, Mapping) or raw.get("bad"):
        raise DomainError("malformed", "note: expected text, found list")
    if raw.get("draft"):
        return None
    told = IncomingOrder(
        order_id=str(raw["id"]), placed_at=None, paid=True, currency="", ship_by=None, carrier="", service="", note="",
        ship_to=ShipTo(), lines=(),
    )  # fmt: skip
    return ChannelOrder(order=told, changed_at=0.0)


def read(*raws: Any) -> tuple[list[str], tuple[str, ...]]:
    found, unread = each_read("etsy-1", raws, order, lambda raw: raw.get("id"))
    return [each.order.order_id for each in found], unread


def test_what_cannot_be_read_is_named_once_and_the_others_keep_their_order() -> None:
    raws = [{"id": 3}, {"id": 7, "bad": True}, {"id": 1}, {"id": 7, "bad": True}, {"id": 9, "draft": True}]
    assert read(*raws) == (["3", "1"], ("7",))


@pytest.mark.parametrize("shown", [None, True, 0, -7, "", "Zoë Nuñez", "two words", "x" * 121, ["1"], 1.5])
def test_an_id_that_nobody_can_fetch_by_is_logged_without_what_was_there(shown: Any) -> None:
    with capture_logs() as logged:
        assert read({"id": shown, "bad": True}, {"id": 2}) == (["2"], ())
    [line] = logged
    assert (line["channel"], line["why"]) == ("etsy-1", "note: expected text, found list")
    assert "Zoë" not in str(line)


def test_what_is_no_object_at_all_is_logged() -> None:
    with capture_logs() as logged:
        assert read("an order", {"id": 2}) == (["2"], ())
    assert len(logged) == 1


def test_whatever_nobody_foresaw_in_an_order_makes_it_unread_and_stops_no_page() -> None:
    assert read({"no": "id"}, {"id": 2}) == (["2"], ())
    for strange in ({"id": 7, "note": "\ud83d"}, {"id": 7, "total": float("inf")}):
        assert read(strange, {"id": 2}) == (["2"], ("7",))
