"""What changed at a channel over night."""

from server.domain.masterdata.drift import Change, Key, Subject, address_fact, compare, disagreements, price_fact

LAV = Key(Subject.MAPPING, "B00X")
LAV_PRICE = Key(Subject.PRICE, "B00X")
EAST = Key(Subject.ADDRESS, "EAST")


def test_a_night_without_changes_lists_nothing() -> None:
    night = {LAV: "CANDLE", LAV_PRICE: "9.90 USD"}
    assert compare(night, dict(night)) == ()


def test_every_changed_new_and_missing_fact_is_listed() -> None:
    before = {LAV: "CANDLE", LAV_PRICE: "9.90 USD"}
    now = {LAV: "SOAP", EAST: "1 Quay, Hull"}
    assert [change.sentence for change in compare(before, now)] == [
        "address of EAST appeared: 1 Quay, Hull",
        "mapping of B00X was CANDLE, is SOAP",
        "price of B00X is gone; it was 9.90 USD",
    ]


def test_a_change_made_here_names_who_made_it() -> None:
    changes = compare({LAV: "CANDLE"}, {LAV: "SOAP"}, {LAV: "Mia, 21:04"})
    assert changes[0].sentence == "mapping of B00X was CANDLE, is SOAP (Mia, 21:04)"
    assert compare({LAV: "CANDLE"}, {LAV: "SOAP"})[0].by == ""


def test_a_channel_that_sells_a_part_of_the_catalogue_disagrees_only_on_that_part() -> None:
    ours = {LAV: "CANDLE", LAV_PRICE: "9.90 USD", Key(Subject.MAPPING, "Z"): "MUG"}
    theirs = {LAV: "SOAP", LAV_PRICE: "9.90 USD", EAST: "1 Quay"}
    assert disagreements(ours, theirs) == (Change(Subject.MAPPING, "B00X", "CANDLE", "SOAP"),)


def test_the_same_price_in_another_writing_is_no_change() -> None:
    assert {price_fact(amount, "usd") for amount in ("9.9", "9.90", " 9.900 ", "99e-1")} == {"9.90 USD"}
    assert price_fact("10", "") == "10.00"
    assert price_fact("ask us", "EUR") == "ask us EUR"
    assert price_fact("1e999999", "EUR") == "1e999999 EUR"


def test_an_address_is_one_line_and_its_case_is_no_change() -> None:
    said = address_fact({"name": "East", "lines": ["1  Quay", ""], "city": "Hull", "country": "GB", "phone": "1"})
    assert said == "East, 1 Quay, Hull, GB"
    assert compare({EAST: said}, {EAST: said.upper()}) == ()
