"""Every gap that stands between a product and its listing."""

from dataclasses import replace

import pytest

from server.domain.masterdata.readiness import GapKind, Master, Needs, Shelf, readiness

IMAGE = "https://cdn.example/candle.jpg"
CANDLE = Master("CANDLE", "Candle", images=(IMAGE,), codes=("04006381333931",))
SOAP = Master("SOAP", "Soap", images=(IMAGE,), codes=("05901234123457",))
EBAY = Needs("ebay")


def gaps(product: Master, *others: Master, needs: Needs = EBAY) -> list[tuple[GapKind, str]]:
    report = readiness(needs, Shelf.of([product, *others]), [product.sku])
    return [(gap.kind, gap.detail) for gap in report.gaps]


def test_a_complete_product_has_no_gap() -> None:
    assert gaps(CANDLE) == []


def test_every_gap_of_a_product_is_listed_at_once() -> None:
    bare = Master("BARE", "", family="CANDLES", components=())
    assert gaps(bare, needs=replace(EBAY, mapping=True)) == [
        (GapKind.TITLE, "no title"),
        (GapKind.IMAGE, "0 images, 1 needed"),
        (GapKind.GTIN, "no GTIN"),
        (GapKind.VARIANT, "it is one of the family CANDLES and says not which"),
        (GapKind.BUNDLE, "a bundle of nothing"),
        (GapKind.MAPPING, "channel ebay has no word for it; map its listing"),
    ]


@pytest.mark.parametrize(
    ("changes", "kind", "detail"),
    [
        ({"title": "CANDLE"}, GapKind.TITLE, "no title"),
        ({"title": "x" * 203}, GapKind.TITLE, "the title is 3 characters too long; 200 are allowed"),
        ({"images": ("http://a/b.jpg", IMAGE)}, GapKind.IMAGE, "an image needs an https:// address"),
        ({"codes": ("4006381333932",)}, GapKind.GTIN, "4006381333932 should end in 1, not 2"),
        ({"codes": ("04006381333931", "4006381333932")}, GapKind.GTIN, "4006381333932 should end in 1, not 2"),
        ({"codes": ("2012345678903",)}, GapKind.GTIN, "for use inside a shop"),
        ({"codes": ("OUR-7",)}, GapKind.GTIN, "no GTIN"),
        ({"components": (("GHOST", 1),)}, GapKind.BUNDLE, "GHOST is no product"),
        ({"components": (("SOAP", 0),)}, GapKind.BUNDLE, "0 units of SOAP"),
    ],
)
def test_each_gap_says_what_is_missing(changes: dict[str, object], kind: GapKind, detail: str) -> None:
    found = gaps(replace(CANDLE, **changes), SOAP)  # type: ignore[arg-type]
    assert [each for each, _ in found] == [kind]
    assert detail in found[0][1]


def test_a_gtin_of_two_products_is_a_gap_of_both() -> None:
    twin = replace(SOAP, codes=CANDLE.codes)
    assert gaps(CANDLE, twin) == [(GapKind.GTIN, "04006381333931 is also the number of SOAP")]
    assert gaps(twin, CANDLE) == [(GapKind.GTIN, "04006381333931 is also the number of CANDLE")]


def test_a_shops_own_eight_digits_beside_a_gtin_are_no_gap() -> None:
    assert gaps(replace(CANDLE, codes=("04006381333931", "12345678"))) == []


def test_a_channel_without_gtins_still_hears_of_a_wrong_check_digit() -> None:
    free = replace(EBAY, gtin=False)
    assert gaps(replace(CANDLE, codes=()), needs=free) == []
    assert gaps(replace(CANDLE, codes=("4006381333932",)), needs=free)


def test_two_of_a_family_with_one_variant_are_a_gap_of_both() -> None:
    one = replace(CANDLE, family="F", variant="Rose")
    other = replace(SOAP, family="F", variant="ROSE ")
    assert gaps(one, other) == [(GapKind.VARIANT, "SOAP of the same family has the same variant")]
    assert gaps(one, replace(other, variant="Lavender")) == []


def test_attributes_that_the_channel_asks_for_must_be_there() -> None:
    asks = replace(EBAY, attributes=("material",))
    assert gaps(CANDLE, needs=asks) == [(GapKind.VARIANT, "no material")]
    assert gaps(replace(CANDLE, attributes={"material": "wax"}), needs=asks) == []


def test_the_report_counts_products_that_are_ready() -> None:
    report = readiness(EBAY, Shelf.of([CANDLE, SOAP, Master("BARE", "Bare")]))
    assert (report.channel, report.products, report.ready) == ("ebay", 3, 2)
    assert {gap.sku for gap in report.gaps} == {"BARE"}
