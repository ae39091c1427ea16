"""What channels call a product, and what may never be saved."""

import pytest

from server.domain.masterdata.aliases import EVERY_CHANNEL, Alias, alias_key, clash, new_sku_clash

SKUS = ("CANDLE", "SOAP", "100")


def refusal(alias: Alias, *saved: Alias) -> str | None:
    found = clash(alias, saved, SKUS)
    return found.sentence if found else None


@pytest.mark.parametrize("written", ["lav-1", " LAV-1 ", "Lav-1", "LAV-1\t"])
def test_case_and_blanks_make_no_other_word(written: str) -> None:
    assert Alias(written, "CANDLE", "ebay").key == Alias("Lav-1", "CANDLE", "ebay").key


def test_an_accent_typed_in_two_ways_is_one_word() -> None:
    assert alias_key("caf\u00e9") == alias_key("cafe\u0301")


def test_a_word_that_means_another_product_already_is_refused_and_named() -> None:
    assert refusal(Alias("x1", "SOAP", "ebay"), Alias("X1", "CANDLE", "ebay")) == (
        "'x1' on channel ebay cannot mean SOAP: on channel ebay it means CANDLE already; unmap that first"
    )


def test_two_channels_may_use_one_word_for_two_products() -> None:
    assert refusal(Alias("X1", "SOAP", "amazon"), Alias("X1", "CANDLE", "ebay")) is None


def test_a_word_of_every_channel_cannot_cross_that_of_one_channel_in_either_order() -> None:
    narrow, wide = Alias("X1", "CANDLE", "ebay"), Alias("X1", "SOAP", EVERY_CHANNEL)
    assert "means CANDLE already" in str(refusal(wide, narrow))
    assert "on every channel it means SOAP already" in str(refusal(narrow, wide))


@pytest.mark.parametrize("written", ["100", "candle"])
def test_the_sku_of_one_product_cannot_mean_another(written: str) -> None:
    assert "it is the SKU of another product" in str(refusal(Alias(written, "SOAP", "ebay")))


def test_the_same_alias_again_is_no_clash() -> None:
    alias = Alias("X1", "CANDLE", "ebay")
    assert refusal(alias, alias) is None


def test_a_product_may_be_taught_its_own_sku_in_another_writing() -> None:
    assert refusal(Alias("candle", "CANDLE")) is None


def test_a_new_product_cannot_take_a_sku_under_which_another_is_sold() -> None:
    clash = new_sku_clash("lav-1", [Alias("LAV-1", "CANDLE", "ebay")])
    assert clash is not None
    assert clash.sku == "CANDLE"
    assert new_sku_clash("CANDLE", [Alias("candle", "CANDLE")]) is None
