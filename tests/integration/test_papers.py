"""What lies in the box beside its label: right for each channel, none where not wanted (LBL-05, INV-01, B2B-01)."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from printing.documents import GiftSlip, PackingSlip
from server import wire
from server.cli.group import packproof
from server.db import tables
from server.db.transaction import Database
from server.domain.errors import DomainError
from server.trade.orders import SoldLine
from server.usecases.masterdata.paper_style import PaperStyle
from server.usecases.masterdata.paper_styles import EVERY_CHANNEL, remove_style, set_style, style_of
from server.usecases.sales import order_parts
from tests.book import incoming
from tests.floor import BOSS, MUG, SOAP, Floor, one_engine
from tests.goods import open_goods
from tests.unit.test_kinds import labels, pages, scanned

STANDARD = PaperStyle(slip="standard", prices=True, box_contents=True, box_labels=True, return_slip=True)
Run = Callable[..., Result]


def texts(floor: Floor, number: str, **texts: object) -> None:
    """The channel said this with the order."""
    with floor.db.engine.begin() as connection:
        t = tables.recipient
        connection.execute(update(t).where(t.c.order_id == floor.order_id(number)).values(texts=texts))


def papers(floor: Floor, style: PaperStyle | None, channel: str = "shop", **said: object) -> wire.LabelAnswer:
    """The label of an order of two soaps and a mug, in one box."""
    if style is not None:
        set_style(floor.db, BOSS, channel, style)
    number = floor.order(("SOAP", 2), ("MUG", 1))
    texts(floor, number, **said)
    bench = floor.bench(f"Bench {number}")
    bench.open(number)
    for code in (SOAP, SOAP, MUG):
        bench.scan(code)
    if "gift" in said:
        bench.scan("PPC-YES")
    return bench.buy()


@one_engine
def test_a_channel_that_asked_for_nothing_gets_a_label_alone(floor: Floor) -> None:
    answer = papers(floor, None)
    assert answer.papers == wire.NO_PAPERS
    assert papers(floor, PaperStyle(slip="none")).papers.by_kind() == {}


def test_a_slip_says_what_was_ordered_and_what_it_cost_and_is_the_same_when_asked_again(floor: Floor) -> None:
    answer = papers(floor, STANDARD, prices={"1": "4.50 USD", "2": "12.00 USD"})
    slip = answer.papers.slip
    assert slip is not None
    assert [(line.sku, line.units) for line in slip.lines] == [("SOAP", 2), ("MUG", 1)]
    assert slip.prices == ("4.50 USD", "12.00 USD")
    assert slip.code == f"PPO-{slip.order_number}"
    assert list(answer.papers.by_kind()) == ["slip", "return"]
    assert wire.decode(wire.encode(answer), wire.LabelAnswer) == answer


@one_engine
def test_prices_stay_off_a_slip_that_must_not_show_them(floor: Floor) -> None:
    slip = papers(floor, replace(STANDARD, prices=False), prices={"1": "4.50 USD"}).papers.slip
    assert isinstance(slip, PackingSlip)
    assert slip.prices == ()


@one_engine
def test_an_order_with_a_gift_message_gets_the_gift_slip_and_no_price(floor: Floor) -> None:
    answer = papers(floor, STANDARD, gift="Happy birthday", prices={"1": "4.50 USD"})
    assert answer.papers.slip is None
    gift = answer.papers.gift_slip
    assert isinstance(gift, GiftSlip)
    assert gift.message == "Happy birthday"
    assert b"4.50" not in wire.encode(answer)


@one_engine
def test_where_slips_are_forbidden_a_gift_message_makes_none(floor: Floor) -> None:
    assert papers(floor, PaperStyle(slip="none"), gift="Happy birthday").papers == wire.NO_PAPERS


@one_engine
def test_each_channel_has_its_own_style_and_the_others_share_one(floor: Floor) -> None:
    other = PaperStyle(slip="gift", sender=("Gift Shop",))
    set_style(floor.db, BOSS, EVERY_CHANNEL, other)
    answer = papers(floor, None)
    assert answer.papers.gift_slip is not None
    assert answer.label.ship_from.name == "Gift Shop"
    assert papers(floor, STANDARD).papers.slip is not None
    assert remove_style(floor.db, BOSS, "shop")
    assert not remove_style(floor.db, BOSS, "shop")
    with floor.db.read() as connection:
        assert style_of(connection, "shop") == other
    with pytest.raises(DomainError, match=r"expected a channel \(.*shop.*\) or default, found 'nope'"):
        set_style(floor.db, BOSS, "nope", other)


@one_engine
def test_each_of_several_boxes_says_which_it_is_and_what_is_in_it(floor: Floor) -> None:
    set_style(floor.db, BOSS, "shop", STANDARD)
    bench = floor.bench("Bench 1")
    bench.open(floor.order(("SOAP", 2), ("MUG", 1)))
    for code in (SOAP, SOAP, "PPX-NEW", MUG):
        bench.scan(code)
    first = bench.buy()
    assert list(first.papers.by_kind()) == ["slip", "return", "box-contents", "box"]
    assert first.papers.box_contents is not None
    assert [(line.sku, line.units) for line in first.papers.box_contents.lines] == [("SOAP", 2)]
    assert first.papers.box is not None
    assert (first.papers.box.box, first.papers.box.boxes) == (1, 2)
    bench.scan(first.tracking)
    second = bench.buy()
    assert list(second.papers.by_kind()) == ["box-contents", "box"]
    assert second.papers.box_contents is not None
    assert [(line.sku, line.units) for line in second.papers.box_contents.lines] == [("MUG", 1)]
    assert (second.papers.box_contents.box, second.papers.box_contents.code) == (2, second.tracking)


@one_engine
def test_what_a_unit_cost_is_kept_as_the_channel_said_it(floor: Floor) -> None:
    order = replace(
        incoming("X-1"), lines=(SoldLine(sku="SOAP", quantity=1, price="4.50\x00"), SoldLine(sku="MUG", quantity=1))
    )
    assert order_parts.recipient_row(1, order)["texts"] == {"prices": {"1": f"4.50 {order.currency}"}}


@pytest.fixture
def shop(tmp_path: Path, sqlite_db: Database) -> tuple[Database, Run]:
    """A book on disk and a terminal beside it."""
    open_goods(sqlite_db)
    config = tmp_path / "server.toml"
    config.write_text(f'data_dir = "{tmp_path}"')

    def run(*words: str) -> Result:
        return CliRunner().invoke(packproof, [*words, "--config", str(config)], prog_name="packproof")

    return sqlite_db, run


def test_a_channels_papers_are_set_listed_seen_and_forgotten(shop: tuple[Database, Run], tmp_path: Path) -> None:
    db, run = shop
    with db.read() as connection:
        channel = connection.execute(select(tables.channel.c.code)).scalars().first()
    file, out = tmp_path / "papers.toml", tmp_path / "label.png"
    file.write_text('slip = "gift"\nlabel.parcel.show = false\n')
    done = run("label", "template", "set", str(channel), str(file))
    assert (done.exit_code, done.stderr) == (0, f"{channel}: slip gift, logo no\n")
    assert run("label", "template", "list").stdout.split() == [
        channel,
        "gift",
        "no",
        "logo",
        "0",
        "moved,",
        "1",
        "hidden",
    ]
    assert run("label", "preview", "label", "--channel", str(channel), "-o", str(out)).exit_code == 0
    assert out.read_bytes().startswith(b"\x89PNG")
    zpl = tmp_path / "label.zpl"
    assert run("label", "preview", "label", "--channel", str(channel), "--dpi", "300", "-o", str(zpl)).exit_code == 0
    assert b"PARCEL" not in zpl.read_bytes()
    assert b"^PW1218" in zpl.read_bytes()
    assert scanned(labels(zpl.read_bytes())) == ["PPV0000012345678"]
    assert run("label", "template", "remove", str(channel)).stderr == f"{channel}: forgotten\n"
    file.write_text('slip = "gft"')
    refused = run("label", "template", "set", str(channel), str(file))
    assert refused.exit_code == 2
    assert "slip: expected standard, gift, none, found 'gft'" in refused.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("label", "-o", "x.txt"), "expected OUT to end in .zpl, .pdf, .bin, .png, found 'x.txt'"),
        (("lable", "-o", "x.png"), "expected a kind of document (label, "),
        (("manifest", "--language", "zpl", "-o", "x.png"), "manifest: expected pdf, found zpl"),
        (("slip", "--language", "escpos", "-o", "x.png"), "receipts have no picture"),
        (("slip", "--language", "zpl", "-o", "x.pdf"), "expected OUT to end in .png or as zpl does, found 'x.pdf'"),
        (("slip", "--order", "77777", "-o", "x.png"), "no order or parcel has this number"),
    ],
)
def test_what_cannot_be_previewed_says_why(shop: tuple[Database, Run], words: tuple[str, ...], said: str) -> None:
    _, run = shop
    refused = run("label", "preview", *words)
    assert refused.exit_code == 2
    assert said in refused.stderr


def test_shelf_labels_are_written_for_a_roll_and_for_a_sheet(tmp_path: Path) -> None:
    def run(*words: str) -> Result:
        return CliRunner().invoke(packproof, ["label", "codes", *words], prog_name="packproof")

    zpl, pdf = tmp_path / "shelves.zpl", tmp_path / "shelves.pdf"
    assert run("shelf", "A-01-1", "A-01-2", "--dpi", "300", "-o", str(zpl)).exit_code == 0
    assert scanned(labels(zpl.read_bytes())) == ["A-01-1", "A-01-2"]
    assert run("shelf", "A-01-1", "A-01-2", "-o", str(pdf)).exit_code == 0
    assert scanned(pages(pdf.read_bytes(), 300)) == ["A-01-1", "A-01-2"]
    refused = run("shelf", "Ä", "-o", str(zpl))
    assert (refused.exit_code, "expected printable ASCII" in refused.stderr) == (2, True)
    assert "expected a file that ends in .zpl or .pdf, found .doc" in run("tote", "T1", "-o", "x.doc").stderr
