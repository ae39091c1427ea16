"""What channels call a product, and what may never be saved."""

import pytest

from server.domain.masterdata.aliases import EVERY_CHANNEL, Alias, AliasBook, Clash, alias_key, new_sku_clash

SKUS = ("CANDLE", "SOAP", "100")


def book(*aliases: Alias) -> AliasBook:
    return AliasBook.of(aliases, SKUS)


def refusal(of: AliasBook, alias: Alias) -> str:
    answer = of.with_alias(alias)
    assert isinstance(answer, Clash), "it was saved"
    return answer.sentence


def test_a_channels_word_means_one_sku_on_that_channel_only() -> None:
    known = book(Alias("B00X", "CANDLE", "amazon"))
    assert known.find("amazon", "B00X") == "CANDLE"
    assert known.find("ebay", "B00X") is None


def test_a_word_of_every_channel_is_understood_everywhere() -> None:
    assert book(Alias("candle-old", "CANDLE")).find("ebay", "candle-old") == "CANDLE"


def test_our_own_sku_needs_no_alias() -> None:
    assert book().find("ebay", "SOAP") == "SOAP"


@pytest.mark.parametrize("written", ["lav-1", " LAV-1 ", "Lav-1", "LAV-1\t"])
def test_case_and_blanks_make_no_other_word(written: str) -> None:
    assert book(Alias("Lav-1", "CANDLE", "ebay")).find("ebay", written) == "CANDLE"


def test_an_accent_typed_in_two_ways_is_one_word() -> None:
    assert alias_key("caf\u00e9") == alias_key("cafe\u0301")


def test_a_word_that_means_another_product_already_is_refused_and_named() -> None:
    known = book(Alias("X1", "CANDLE", "ebay"))
    assert refusal(known, Alias("x1", "SOAP", "ebay")) == (
        "'x1' on channel ebay cannot mean SOAP: on channel ebay it means CANDLE already; unmap that first"
    )


def test_two_channels_may_use_one_word_for_two_products() -> None:
    grown = book(Alias("X1", "CANDLE", "ebay")).with_alias(Alias("X1", "SOAP", "amazon"))
    assert isinstance(grown, AliasBook)
    assert (grown.find("ebay", "X1"), grown.find("amazon", "X1")) == ("CANDLE", "SOAP")


def test_a_word_of_every_channel_cannot_cross_that_of_one_channel_in_either_order() -> None:
    narrow, wide = Alias("X1", "CANDLE", "ebay"), Alias("X1", "SOAP", EVERY_CHANNEL)
    assert "means CANDLE already" in refusal(book(narrow), wide)
    assert "on every channel it means SOAP already" in refusal(book(wide), narrow)


@pytest.mark.parametrize("written", ["100", "candle"])
def test_the_sku_of_one_product_cannot_mean_another(written: str) -> None:
    assert "it is the SKU of another product" in refusal(book(), Alias(written, "SOAP", "ebay"))


def test_the_same_alias_again_changes_nothing() -> None:
    alias = Alias("X1", "CANDLE", "ebay")
    assert book(alias).with_alias(alias) == book(alias)


def test_a_product_is_found_by_its_sku_in_another_writing_once_that_is_taught() -> None:
    grown = book().with_alias(Alias("candle", "CANDLE"))
    assert isinstance(grown, AliasBook)
    assert grown.find("ebay", "candle") == "CANDLE"


def test_a_new_product_cannot_take_a_sku_under_which_another_is_sold() -> None:
    clash = new_sku_clash("lav-1", [Alias("LAV-1", "CANDLE", "ebay")])
    assert clash is not None
    assert clash.sku == "CANDLE"
    assert new_sku_clash("CANDLE", [Alias("candle", "CANDLE")]) is None
