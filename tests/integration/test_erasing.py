"""A buyer is taken out of every table, on request or when an order is long over; what happened stays."""

import base64
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import event, insert, select, update

from printing.documents import CarrierLabel
from printing.spool import BYTES_KEPT_SECONDS, JOBS_KEPT_SECONDS
from server import wire
from server.carriers.karrio.once import Purchases
from server.cli.group import packproof
from server.db import audit_chain, inbox, tables
from server.db.memory import CarrierMemory
from server.db.together import Together
from server.db.transaction import transaction
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.trade.orders import IncomingOrder, ShipTo, SoldLine
from server.trade.shipping import Purchased
from server.usecases.benchwork import forgetting
from server.usecases.masterdata.handling import add_note
from server.usecases.record import erasing
from server.usecases.record.audit_verify import verify
from server.usecases.record.incidents import open_incident
from server.usecases.sales.cancel import cancel_order
from server.usecases.sales.intake import take_order
from tests.book import open_book, sell
from tests.doc_pages import DOCS, follow, fresh_book
from tests.floor import BOSS, SOAP, Bench, Dock, Floor, one_engine

DAY = 86_400.0
MARKS = (
    "zoe quill",
    "7 hidden lane",
    "zoe@example.com",
    "555-0100",
    "ring the bell",
    "for mum",
    "to zoe",
    "calls at nine",
)
"""Whatever names the buyer of these tests, in small letters."""
SQUARE = "[)>\x1e01\x1d0294107\x1d7 HIDDEN LANE\x1dZOE QUILL\x1e"


def sold(floor: Floor, order_id: str, *, name: str = "Zoe Quill", email: str = "zoe@example.com") -> str:
    """The number of an order that names its buyer wherever an order can."""
    to = ShipTo(name=name, lines=("7 Hidden Lane",), city="Springfield", postcode="94107", country="US")
    order = IncomingOrder(
        order_id=order_id,
        placed_at=floor.db.now(),
        paid=True,
        currency="USD",
        ship_by=None,
        carrier="own-van",
        service="standard",
        note="Ring the bell twice",
        gift_message="For Mum, with love",
        ship_to=replace(to, phone="+1 555-0100", email=email),
        lines=(SoldLine(sku="SOAP", quantity=1, line_id="1", personalisation="To Zoe"),),
        raw={"buyer": "Zoe Quill", "mail": "zoe@example.com"},
    )
    return take_order(floor.db, BOSS, "shop", order).order


def packed(floor: Floor, number: str, bench: str = "Bench 1") -> wire.LabelAnswer:
    """Its label is on its box; everything asked was confirmed."""
    add_note(floor.db, BOSS, number, "order", "Calls at nine if late")
    at = floor.bench(bench)
    at.open(number)
    at.scan(SQUARE)
    at.scan("PPC-OK")
    at.scan(SOAP)
    for _ in range(4):
        assert at.scan("PPC-YES") is Reason.OK, "second look, two notes, gift"
    label = at.buy()
    at.scan(label.tracking)
    at.send()
    return label


def shipped(floor: Floor, number: str, bench: str = "Bench 1") -> wire.LabelAnswer:
    """Packed, and gone on a closed load."""
    label = packed(floor, number, bench)
    dock = Dock.at(floor.bench(f"Dock of {bench}"))
    dock.scan(label.tracking)
    dock.bench.close_load(dock.load.load_id, 1)
    assert floor.status(number) == "shipped"
    return label


def memory(floor: Floor) -> CarrierMemory:
    return CarrierMemory(floor.db, Together(floor.db, BOSS, "remember"), "ups")


def purchases(floor: Floor) -> Purchases:
    """What karrio's providers keep of their purchases."""
    return Purchases(SimpleNamespace(memory=memory(floor), now=floor.db.now))  # type: ignore[arg-type]


def told(floor: Floor, number: str, label: wire.LabelAnswer) -> None:
    """What else comes to lie in the database: labels, words of carriers and platforms, words of the order desk."""
    picture = CarrierLabel("zpl", b"^FDZoe Quill^FS")
    bought = Purchased(label.tracking, "ground", Decimal("4.20"), "USD", "shp_1", label=picture)
    purchases(floor).done(label.parcel_id, bought)
    memory(floor).put(f"shp:{label.parcel_id}", {"id": "shp_1", "of": "5f2d", "at": 1.0, "asked": 2.0})
    order_id = floor.order_id(number)
    with transaction(floor.db, BOSS, "test") as tx:
        own = update(tables.parcel_label).where(tables.parcel_label.c.parcel_id == label.parcel_id)
        tx.connection.execute(own.values(format="zpl", data=picture.data, void_text="no refund for Zoe Quill"))
        said: dict[str, Any] = {"source": "ups", "way": "poll", "provider": "ups", "tracking": label.tracking}
        said |= {"parcel_id": label.parcel_id, "at": 1.0, "said_at": 1.0, "received_at": 1.0, "status": "unknown"}
        said |= {"place": "7 Hidden Lane"}
        strange = {"zz": "Left with Zoe Quill", "": "handed zoe quill the box"}
        for n, (code, words) in enumerate(strange.items()):
            key = f"code {code}" if code else f"words {words}"
            row = said | {"key": f"k{n}", "code": code, "words": words, "word_key": key}
            tx.connection.execute(insert(tables.tracking_event).values(row))
            word = {"provider": "ups", "key": key, "code": code, "words": words, "first_at": 1.0}
            tx.connection.execute(insert(tables.tracking_word).values(word))
        inbox.put(tx, 1, [inbox.Item("order", order_id_at_channel(floor, number), {"name": "Zoe Quill"}, 9.0)])
        opened = open_incident(tx, IncidentType.ORDER_CHANGED, "a question", order_id=order_id)
    assert opened is not None
    with floor.db.engine.begin() as connection:
        incident = update(tables.incident).where(tables.incident.c.id == opened)
        connection.execute(incident.values(resolution="zoe quill called back"))


def order_id_at_channel(floor: Floor, number: str) -> str:
    with floor.db.read() as connection:
        t = tables.order
        return str(connection.execute(select(t.c.channel_order_id).where(t.c.number == number)).scalar_one())


def named(floor: Floor) -> set[str]:
    """Tables and columns that name the buyer, of all that there are; labels inside base 64 too."""
    found = set()
    with floor.db.read() as connection:
        for table in tables.metadata.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                found |= {f"{table.name}.{name}" for name, value in row.items() if _names(value)}
    return found


def _names(value: Any) -> bool:
    text = value.decode("latin-1") if isinstance(value, bytes) else json.dumps(value, default=str, ensure_ascii=False)
    hidden = [base64.b64encode(mark.encode()).decode() for mark in ("^FDZoe Quill^FS",)]
    return any(mark in text.lower() for mark in MARKS) or any(mark in text for mark in hidden)


def erased(floor: Floor, *numbers: str, dry_run: bool = False) -> erasing.Erasing:
    return erasing.erase(floor.db, BOSS, erasing.places_of(floor.db, numbers), dry_run=dry_run)


def test_after_erasing_no_column_of_any_table_names_the_buyer_and_what_happened_stays(floor: Floor) -> None:
    number = sold(floor, "S-1")
    label = shipped(floor, number)
    told(floor, number, label)
    before = named(floor)
    assert before >= {
        *("recipient.address", "recipient.contact", "recipient.note", "recipient.texts", "recipient.raw"),
        *("order_note.text", "pack_session.folded", "pack_event.raw", "pack_event.event", "parcel_label.data"),
        *("carrier_memory.value", "tracking_event.words", "tracking_word.key", "inbox.body", "incident.resolution"),
    }
    counted = erased(floor, number, dry_run=True)
    assert named(floor) == before, "a try changes nothing"
    found = erased(floor, number)
    assert (found.orders, found.rows, found.refused) == ((number,), counted.rows, ())
    assert named(floor) == set()
    with audit_chain.snapshot(floor.db) as connection:
        assert verify(connection).whole
    with floor.db.read() as connection:
        t, p, a = tables.recipient, tables.parcel, tables.audit
        assert connection.execute(select(t.c.erased_at)).scalar() is not None
        assert connection.execute(select(p.c.tracking)).scalar() == label.tracking
        detail = connection.execute(select(a.c.detail).where(a.c.action == "personal.erased")).scalars().all()
    assert (detail, floor.status(number), floor.stock("SOAP")) == ([{"number": number}], "shipped", (99, 0))


@one_engine
def test_a_second_time_there_is_nothing_to_erase_and_nothing_on_record(floor: Floor) -> None:
    number = sold(floor, "S-1")
    shipped(floor, number)
    assert erased(floor, number).orders == (number,)
    again = erased(floor, number)
    assert (again.orders, again.rows, floor.audited("personal.erased")) == ((), {}, [(BOSS.name, "")])


@one_engine
def test_nothing_of_it_is_left_in_the_database_file(floor: Floor) -> None:
    number = sold(floor, "S-1")
    told(floor, number, shipped(floor, number))
    file = Path(str(floor.db.engine.url.database))
    names = [b"7 Hidden Lane", b"zoe@example.com", b"For Mum, with love"]

    def left() -> list[bytes]:
        parts = [each.read_bytes() for each in (file, file.with_name(f"{file.name}-wal")) if each.exists()]
        return [name for name in names if any(name in part for part in parts)]

    assert left() == names
    # Some builds of SQLite overwrite by themselves.
    floor.db.engine.dispose()
    event.listen(floor.db.engine, "connect", lambda made, _: made.execute("PRAGMA secure_delete = OFF"))
    assert erased(floor, number).swept
    assert left() == []


@one_engine
def test_a_reprint_says_that_the_address_is_not_kept_any_more(floor: Floor) -> None:
    number = sold(floor, "S-1")
    label, bench = shipped(floor, number), floor.bench("Bench 9")
    again = f"/api/parcels/{label.parcel_id}/reprint"
    with pytest.raises(DomainError, match="has left"):
        bench.ask("POST", again, wire.LabelAnswer)
    erased(floor, number)
    with pytest.raises(DomainError) as refused:
        bench.ask("POST", again, wire.LabelAnswer)
    assert (refused.value.code, refused.value.detail) == (
        *("no_address", "the address of this order is not kept any more"),
    )


@one_engine
def test_an_order_on_its_way_is_refused_with_what_to_do_and_the_others_are_erased(floor: Floor) -> None:
    gone, waits = sold(floor, "S-1"), sold(floor, "S-2")
    shipped(floor, gone)
    found = erased(floor, waits, gone)
    assert (found.orders, [error.code for error in found.refused]) == ((gone,), ["not_over"])
    assert found.refused[0].detail == (
        f"order {waits} is ready: its address is still needed; erase when it has shipped, or cancel it first"
    )
    assert "recipient.address" in named(floor)
    cancel_order(floor.db, BOSS, floor.order_id(waits))
    assert erased(floor, waits).orders == (waits,)
    assert named(floor) == set()


@one_engine
def test_one_part_on_its_way_keeps_all_parts_of_an_order(floor: Floor) -> None:
    one, two = sold(floor, "S-1"), sold(floor, "S-2")
    cancel_order(floor.db, BOSS, floor.order_id(one))
    floor.set_order(two, channel_order_id="S-1", part=2, parts=2)
    assert erased(floor, one).refused[0].code == "not_over"
    cancel_order(floor.db, BOSS, floor.order_id(two))
    assert erased(floor, one).orders == (one, two)


@one_engine
def test_a_label_that_may_be_bought_is_settled_before_its_memory_goes(floor: Floor) -> None:
    number = sold(floor, "S-1")
    label = packed(floor, number)
    cancel_order(floor.db, BOSS, floor.order_id(number))
    with floor.db.engine.begin() as connection:
        connection.execute(insert(tables.label_intent).values(parcel_id=label.parcel_id, asked_at=1.0))
    refused = erased(floor, number).refused
    assert [error.code for error in refused] == ["purchase_open"]
    assert label.parcel_id in refused[0].detail


@one_engine
def test_a_provider_still_knows_what_it_bought_and_has_no_picture_of_it(floor: Floor) -> None:
    number = sold(floor, "S-1")
    label = shipped(floor, number)
    told(floor, number, label)
    erased(floor, number)
    bought = purchases(floor).find(label.parcel_id)
    assert bought is not None
    assert (bought.tracking, bought.cost, bought.shipment_id, bought.label) == (
        *(label.tracking, Decimal("4.20"), "shp_1", None),
    )
    assert memory(floor).get(f"shp:{label.parcel_id}") == {"id": "shp_1", "of": "", "at": 1.0, "asked": 2.0}


@one_engine
def test_a_buyer_is_found_by_mail_or_name_at_one_channel_and_no_other_buyer_is(floor: Floor) -> None:
    mine, namesake = sold(floor, "S-1"), sold(floor, "S-2", email="other@example.com")
    sold(floor, "S-3", email="third@example.com", name="Zoe Quillon")

    def found(**by: str) -> list[str]:
        return [order for _, order in erasing.places_of_buyer(floor.db, "shop", **by)]

    assert found(mail=" ZOE@example.com") == ["S-1"]
    assert found(name="zoe  quill") == ["S-1", "S-2"]
    assert found(name="Zoe Quill", mail="other@example.com") == ["S-2"]
    assert found(mail="example.com") == []
    assert (mine, namesake) != ("", "")
    with pytest.raises(DomainError, match="expected the buyer's mail address or name"):
        found(mail=" ")
    with pytest.raises(DomainError, match="there is no channel 'nowhere'"):
        erasing.places_of_buyer(floor.db, "nowhere", "zoe@example.com")


def test_orders_that_ended_long_ago_are_found_and_those_that_ended_lately_or_not_at_all_are_not(floor: Floor) -> None:
    start = floor.db.now()
    old, late, open_still = sold(floor, "S-1"), sold(floor, "S-2"), sold(floor, "S-3")
    cancel_order(floor.db, BOSS, floor.order_id(old))
    floor.db.now = lambda: start + 300 * DAY
    cancel_order(floor.db, BOSS, floor.order_id(late))
    floor.db.now = lambda: start + 366 * DAY
    assert [order for _, order in erasing.places_over(floor.db, 365)] == ["S-1"]
    assert erasing.erase(floor.db, BOSS, erasing.places_over(floor.db, 365)).orders == (old,)
    assert erasing.places_over(floor.db, 365) == []
    assert [order for _, order in erasing.places_over(floor.db, 60)] == ["S-2"]
    assert floor.status(open_still) == "ready"


@pytest.fixture
def config(floor: Floor, tmp_path: Path) -> str:
    """A server.toml over the floor's database."""
    path = tmp_path / "server.toml"
    url = floor.db.engine.url.render_as_string(hide_password=False)
    path.write_text(f'data_dir = "{tmp_path}"\ndatabase = "{url}"\n')
    return str(path)


@one_engine
def test_at_the_terminal_it_is_counted_asked_and_done(floor: Floor, config: str) -> None:
    def typed(*words: str, answer: str = "") -> tuple[int, str]:
        told = CliRunner().invoke(packproof, ["data", "erase", *words, "--config", config], input=answer)
        return told.exit_code, told.output

    one, waits = sold(floor, "S-1"), sold(floor, "S-2")
    cancel_order(floor.db, BOSS, floor.order_id(one))
    assert typed("S-1", "--dry-run") == (0, f"{one}\nwould be erased: 1 orders (recipient 1)\n")
    asked = f"Erase for good what names the buyers of 1 orders ({one})? [y/N]: "
    assert typed("S-1", answer="n\n") == (1, f"{asked}n\nAborted!\n")
    assert named(floor) != set()
    code, said = typed("--channel", "shop", "--mail", "zoe@example.com", "--yes")
    assert code == 1
    assert said.startswith(f"{one}\nerased: 1 orders (recipient 1)\nnot erased: order {waits} is ready: ")
    assert typed("S-1", "--yes") == (0, "erased: 0 orders\n")
    for wrong in (("S-1", "--older-than", "9d"), (), ("--mail", "zoe@example.com"), ("--older-than", "a year")):
        code, said = typed(*wrong)
        assert code != 0 and "expected" in said, wrong


def test_each_command_of_the_page_says_what_the_page_says_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (DOCS / "personal-data.md").read_text(encoding="utf-8")
    with fresh_book(tmp_path, monkeypatch) as db:
        open_book(db)
        sell(db, "S-1", ("CANDLE", 1))
        sell(db, "S-2", ("SOAP", 1))
        cancel_order(db, BOSS, 1)
        assert follow(page, tmp_path, "y\n") == 4


def test_the_page_tells_how_long_a_bench_keeps_labels() -> None:
    page = (DOCS / "personal-data.md").read_text(encoding="utf-8")
    days = [f"{seconds / DAY:.0f} days" for seconds in (BYTES_KEPT_SECONDS, JOBS_KEPT_SECONDS)]
    assert all(told in page for told in days), days


@one_engine
def test_the_bench_that_packed_an_erased_order_is_told_of_it_and_no_other(floor: Floor) -> None:
    packer, other = floor.bench("Bench 7"), floor.bench("Bench 8")
    number, kept = floor.order(("SOAP", 1)), floor.order(("SOAP", 1))
    for each in (number, kept):
        packer.pack(each, SOAP)

    def told_to(bench: Bench) -> tuple[str, ...]:
        return bench.ask("GET", "/api/erased", wire.ErasedAnswer).numbers

    assert told_to(packer) == ()
    cancel_order(floor.db, BOSS, floor.order_id(number))
    erased(floor, number)
    assert (told_to(packer), told_to(other)) == ((number,), ())
    now = floor.db.now() + forgetting.BACK + 60
    floor.db.now = lambda: now
    assert forgetting.erased(floor.db, packer.bench_id).numbers == (), "what was printed then is long forgotten"
