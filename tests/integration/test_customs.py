"""A buyer in another country: own vans never cross, and a carrier that does is told what customs want to know."""

from decimal import Decimal

import pytest
from sqlalchemy import update

from server.db import masters, tables
from server.domain.errors import DomainError
from server.usecases.masterdata.masters import Described, describe
from server.usecases.shipping import quoting, rate_rules
from server.usecases.shipping.choosing import why
from server.usecases.shipping.customs import goods_of
from server.usecases.shipping.keeping import put_account
from tests.carriers import SERVICES, easypost_behind, shippable
from tests.floor import BOSS, SOAP, Floor, one_engine

pytestmark = one_engine
SAID = {"hs_code": "3401.11", "origin_country": "de"}


def test_a_parcel_abroad_goes_only_when_customs_can_be_told_what_is_inside(floor: Floor) -> None:
    with easypost_behind(floor.db) as easypost:
        settings = {**easypost.settings(), "services": SERVICES, "customs_signer": "Ana Roth"}
        put_account(floor.db, BOSS, "easypost", "easypost", settings)
        rate_rules.set_rules(floor.db, BOSS, {"channels": {"shop": {"shop": True}}})
        shippable(floor.db)
        order, bench = floor.order(("SOAP", 2)), floor.bench("Bench 1")
        order_id = floor.order_id(order)
        to = {"lines": ["1 Water Street"], "city": "Vancouver", "region": "BC", "postcode": "V6B 1A1", "country": "CA"}
        with floor.db.engine.begin() as connection:
            r, prices = tables.recipient, {"prices": {"1": "3.80 USD"}}
            connection.execute(update(r).where(r.c.order_id == order_id).values(address=to, texts=prices))
        bench.open(order)
        assert not quoting.wait(floor.db, order_id, 10)
        bench.scan(SOAP)
        bench.scan(SOAP)
        with pytest.raises(DomainError) as refused:
            bench.buy()
        assert refused.value.facts["bought"] == "not_bought"
        assert "Own van takes no parcel over a border, found one to CA" in refused.value.detail
        with floor.db.read() as connection:
            said = why(connection, order_id)
        assert any("expected hs_code of SOAP (6 to 10 digits), found none" in line for line in said)
        describe(floor.db, BOSS, "SOAP", Described(attributes=SAID))
        bench.buy()
        (sold,) = easypost.live()
        (item,) = sold["customs_info"]["customs_items"]
        told = [item[name] for name in ("description", "quantity", "value", "hs_tariff_number", "origin_country")]
        assert told == ["Soap bar", 2, 7.6, "340111", "DE"], "worth what the buyer paid for it"
    with floor.db.read() as connection:
        (soap,) = masters.members(connection, ["SOAP"])
    assert soap.attributes == {}, "what customs ask tells no two variants apart"
    describe(floor.db, BOSS, "SOAP", Described(attributes={"customs_value": "3.19 USD"}))
    with floor.db.read() as connection:
        (told_now,) = goods_of(connection, order_id, None)
    assert (told_now.value, told_now.currency, told_now.units) == (Decimal("3.19"), "USD", 2), "the price has tax in it"


def test_units_sold_at_several_prices_are_worth_their_mean_and_what_has_no_price_has_no_worth(floor: Floor) -> None:
    order_id, r = floor.order_id(floor.order(("SOAP", 2), ("SOAP", 1))), tables.recipient
    for prices, worth in (
        ({"1": "4 EUR", "2": "2.50 EUR"}, (Decimal("3.50"), "EUR")),
        ({"1": "4 EUR"}, (None, "")),
        ({"1": "4 EUR", "2": "2.50 USD"}, (None, "")),
        ({"1": "NaN EUR", "2": "0 EUR"}, (None, "")),
    ):
        with floor.db.engine.begin() as connection:
            connection.execute(update(r).where(r.c.order_id == order_id).values(texts={"prices": prices}))
            (item,) = goods_of(connection, order_id, {"SOAP": 1})
        assert (item.value, item.currency) == worth, prices
