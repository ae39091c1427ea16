"""Waves on both engines: orders are gathered, listed along the shelves, carried in totes and opened at a bench."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pypdfium2
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from server import wire
from server.cli.group import packproof
from server.db import tables
from server.domain.errors import DomainError
from server.domain.picks.picking import Layout
from server.domain.picks.waves import Limits
from server.http.picking_api import BindRequest
from server.reading import read
from server.usecases.picks import picking, totes
from server.usecases.picks.waves import Wanted, cancel_wave, finish_wave, list_waves, make_waves, plan_waves
from server.usecases.routes.nodes import set_node
from server.usecases.sales.cancel import cancel_order
from server.usecases.warehouse.counting import count_on_hand
from tests.floor import BOSS, BRUSH, MUG, SOAP, Bench, Floor, one_engine


@pytest.fixture
def bench(floor: Floor) -> Bench:
    for sku, code in (("SOAP", "A-10"), ("BRUSH", "A-2"), ("MUG", "B-1")):
        count_on_hand(floor.db, BOSS, sku, "EAST", 100, bin_code=code)
    return floor.bench("Bench 1")


def waved(floor: Floor, **how: int) -> list[tuple[str, tuple[str, ...]]]:
    """Make waves at EAST: (mix, numbers) of each."""
    return [(w.mix.value, w.numbers) for w in make_waves(floor.db, BOSS, Wanted("EAST", Limits(**how)))]


def the_wave(floor: Floor) -> int:
    [wave] = list_waves(floor.db)
    return int(wave.id)


def open_refusal(bench: Bench, ref: str, item: str = "") -> DomainError:
    with pytest.raises(DomainError) as refused:
        open_tote(bench, ref, item)
    return refused.value


def open_tote(bench: Bench, ref: str, item: str = "") -> str:
    request = wire.OpenRequest(ref=ref, item=item, session_id=str(uuid.uuid4()), person_id=bench.floor.people["packer"])
    return bench.ask("POST", "/api/orders/open", wire.OpenAnswer, request).order.number


def pages(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in document)


def test_single_item_orders_walk_apart_and_no_order_is_in_two_waves(floor: Floor, bench: Bench) -> None:
    one, two, many = floor.order(("SOAP", 1)), floor.order(("MUG", 1)), floor.order(("SOAP", 1), ("BRUSH", 2))
    planned = plan_waves(floor.db, Wanted("EAST", Limits()))
    assert [w.wave_id for w in planned] == [None, None]
    assert waved(floor) == [("single", (one, two)), ("multi", (many,))]
    assert waved(floor) == []
    assert floor.audited("wave.joined") == [(BOSS.name, "")] * 3


def test_two_supervisors_who_plan_at_once_give_each_order_to_one_wave(floor: Floor) -> None:
    numbers = {floor.order(("SOAP", 1)) for _ in range(12)}
    gate = threading.Barrier(3)

    def make() -> list[tuple[str, tuple[str, ...]]]:
        gate.wait()
        return waved(floor, orders=5)

    with ThreadPoolExecutor(3) as pool:
        made = [wave for each in [pool.submit(make) for _ in range(3)] for wave in each.result()]
    assert sorted(number for _, some in made for number in some) == sorted(numbers)


def test_without_picking_reserved_is_ready_and_an_order_in_a_wave_waits_for_its_picker(
    floor: Floor, bench: Bench
) -> None:
    first = floor.order(("SOAP", 1), ("BRUSH", 1))
    waved(floor)
    later = floor.order(("SOAP", 1))
    queue = bench.ask("GET", "/api/queue", wire.Queue)
    assert [item.number for item in queue.items] == [later]
    refused = open_refusal(bench, first)
    assert (refused.code, "being picked" in refused.detail) == ("not_ready", True)
    finish_wave(floor.db, BOSS, the_wave(floor))
    assert open_tote(bench, first) == first
    assert open_tote(bench, later) == later


def test_a_cancelled_wave_frees_its_orders_and_a_finished_one_is_not_cancelled(floor: Floor, bench: Bench) -> None:
    number = floor.order(("SOAP", 2))
    waved(floor)
    wave_id = the_wave(floor)
    cancel_wave(floor.db, BOSS, wave_id)
    cancel_wave(floor.db, BOSS, wave_id)
    assert waved(floor) == [("multi", (number,))]
    finish_wave(floor.db, BOSS, the_wave(floor))
    with pytest.raises(DomainError, match="is cancelled already"):
        finish_wave(floor.db, BOSS, wave_id)
    with pytest.raises(DomainError, match="there is no wave 999"):
        cancel_wave(floor.db, BOSS, 999)


def test_the_list_follows_the_bins_and_every_line_shows_one(floor: Floor, bench: Bench) -> None:
    first, second = floor.order(("SOAP", 1), ("MUG", 2)), floor.order(("BRUSH", 1), ("SOAP", 3))
    waved(floor)
    with floor.db.read() as connection:
        sheet = picking.pick_list_of(connection, the_wave(floor))
    assert [(stop.bin, stop.sku, stop.units) for stop in sheet.stops] == [
        ("A-2", "BRUSH", 1),
        ("A-10", "SOAP", 4),
        ("B-1", "MUG", 2),
    ]
    assert [[(give.slot, give.units) for give in stop.gives] for stop in sheet.stops][1] == [(1, 1), (2, 3)]
    assert [slip.code for slip in sheet.slips] == [f"PPO-{first}", f"PPO-{second}"]
    text = pages(bench.call("GET", f"/api/waves/{the_wave(floor)}/pick-list.pdf").content)
    assert text.index("A-2") < text.index("A-10") < text.index("B-1")
    finish_wave(floor.db, BOSS, the_wave(floor))
    assert [line.bin for line in bench.open(first).order.lines] == ["A-10", "B-1"]


def test_a_list_printed_again_leaves_out_what_was_cancelled_or_is_in_its_tote(floor: Floor, bench: Bench) -> None:
    numbers = [floor.order(("SOAP", 2)) for _ in range(3)]
    waved(floor)
    cancel_order(floor.db, BOSS, floor.order_id(numbers[0]))
    totes.bind(floor.db, BOSS, numbers[1], "PPT-1")
    with floor.db.read() as connection:
        sheet = picking.pick_list_of(connection, the_wave(floor))
    assert [slip.number for slip in sheet.slips] == [numbers[2]]
    assert [(stop.units, stop.gives[0].slot) for stop in sheet.stops] == [(2, 3)]


@one_engine
def test_a_serpentine_site_is_walked_back_along_every_second_aisle(floor: Floor, bench: Bench) -> None:
    count_on_hand(floor.db, BOSS, "MUG", "EAST", 100, bin_code="B-7")
    count_on_hand(floor.db, BOSS, "BRUSH", "EAST", 100, bin_code="B-1")
    floor.order(("SOAP", 1), ("BRUSH", 1), ("MUG", 1))
    waved(floor)
    picking.set_layout(floor.db, BOSS, "EAST", Layout(serpentine=True))
    with floor.db.read() as connection:
        assert [stop.bin for stop in picking.pick_list_of(connection, the_wave(floor)).stops] == ["A-10", "B-7", "B-1"]
    picking.set_layout(floor.db, BOSS, "EAST", Layout())
    with floor.db.read() as connection:
        assert [stop.bin for stop in picking.pick_list_of(connection, the_wave(floor)).stops] == ["A-10", "B-1", "B-7"]
    with pytest.raises(DomainError, match="expected 1 to 4, found 9"):
        picking.set_layout(floor.db, BOSS, "EAST", Layout(aisle_parts=9))


def test_slip_and_tote_scanned_together_bind_them_and_the_tote_opens_the_order(floor: Floor, bench: Bench) -> None:
    first, second = floor.order(("SOAP", 1), ("BRUSH", 1)), floor.order(("MUG", 2))
    waved(floor)
    request = BindRequest(slip=f"PPO-{first}", tote="PPT-17", person_id=floor.people["packer"])
    for _ in range(2):
        assert bench.call("POST", "/api/totes/bind", request).json()["numbers"] == [first]
    assert read("ppt-17", bench.catalog, at=0.0).order_ref == "PPT-17"
    assert bench.open("PPT-17").order.number == first
    assert floor.audited("order.in_tote") == [("Packer Person", "Bench 1")]
    with pytest.raises(DomainError, match=f"tote 17 holds order {first}: take another tote"):
        totes.bind(floor.db, BOSS, second, "17")
    totes.bind(floor.db, BOSS, second, "PPT-18")
    assert list_waves(floor.db) == []


def test_a_tote_is_free_once_its_order_is_packed(floor: Floor, bench: Bench) -> None:
    first, second = floor.order(("SOAP", 1), ("BRUSH", 1)), floor.order(("MUG", 2))
    totes.bind(floor.db, BOSS, first, "PPT-1")
    bench.pack("PPT-1", SOAP, BRUSH)
    assert open_refusal(bench, "PPT-1").code == "unknown_code"
    totes.bind(floor.db, BOSS, second, "PPT-1")
    assert open_tote(bench, "PPT-1") == second


def test_each_item_out_of_a_shared_tote_opens_the_first_order_that_waits_for_it(floor: Floor, bench: Bench) -> None:
    soap, mug, soap_too = floor.order(("SOAP", 1)), floor.order(("MUG", 1)), floor.order(("SOAP", 1))
    waved(floor)
    totes.bind(floor.db, BOSS, f"PPW-{the_wave(floor)}", "PPT-5")
    assert list_waves(floor.db) == []
    other = floor.bench("Bench 2")
    assert open_refusal(bench, "PPT-5").code == "need_item"
    assert open_refusal(bench, "PPT-5", BRUSH).code == "wrong_item"
    assert open_tote(bench, "PPT-5", SOAP) == soap
    assert open_tote(other, "PPT-5", SOAP) == soap_too
    assert open_tote(bench, "PPT-5", MUG) == mug


def test_a_bench_that_scans_the_same_item_again_goes_on_with_the_order_it_has_open(floor: Floor, bench: Bench) -> None:
    first = floor.order(("SOAP", 1))
    floor.order(("SOAP", 1))
    waved(floor)
    totes.bind(floor.db, BOSS, f"PPW-{the_wave(floor)}", "PPT-5")
    assert [open_tote(bench, "PPT-5", SOAP) for _ in range(2)] == [first, first]


def test_an_item_that_is_left_over_says_that_its_order_was_cancelled(floor: Floor, bench: Bench) -> None:
    first, second = floor.order(("SOAP", 1)), floor.order(("SOAP", 1))
    waved(floor)
    totes.bind(floor.db, BOSS, f"PPW-{the_wave(floor)}", "PPT-5")
    cancel_order(floor.db, BOSS, floor.order_id(first))
    bench.open(second)
    bench.scan(SOAP)
    label = bench.buy()
    bench.scan(label.tracking)
    bench.send()
    assert open_refusal(bench, "PPT-5", SOAP).code == "cancelled"
    with pytest.raises(DomainError, match="put its goods back"):
        totes.bind(floor.db, BOSS, first, "PPT-6")
    assert totes.empty(floor.db, BOSS, "PPT-5") == 1
    assert open_refusal(bench, "PPT-5", SOAP).code == "unknown_code"


def test_many_benches_at_one_tote_each_get_an_order_of_their_own(floor: Floor) -> None:
    numbers = {floor.order(("SOAP", 1)) for _ in range(4)}
    waved(floor)
    totes.bind(floor.db, BOSS, f"PPW-{the_wave(floor)}", "PPT-5")
    benches = [floor.bench(f"Bench {n}") for n in range(4)]
    gate = threading.Barrier(4)

    def claim(bench: Bench) -> str:
        gate.wait()
        return open_tote(bench, "PPT-5", SOAP)

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(claim, benches)) == numbers


@one_engine
def test_waves_and_totes_belong_to_their_site(floor: Floor, bench: Bench) -> None:
    number = floor.order(("SOAP", 2))
    waved(floor)
    west = floor.bench("West 1", "WEST")
    assert west.call("GET", f"/api/waves/{the_wave(floor)}/pick-list").status_code == 404
    assert west.call("GET", f"/api/waves/{the_wave(floor)}/pick-list.pdf").status_code == 404
    assert west.call("GET", "/api/waves").json() == {"waves": []}
    [wave] = bench.call("GET", "/api/waves").json()["waves"]
    assert (wave["orders"], wave["picked"], wave["site"]) == (1, 0, "EAST")
    request = BindRequest(slip=number, tote="PPT-1", person_id=floor.people["packer"])
    assert west.call("POST", "/api/totes/bind", request).json()["code"] == "not_ready"
    stranger = BindRequest(slip=number, tote="PPT-1", person_id=floor.people["dock"])
    assert bench.call("POST", "/api/totes/bind", stranger).json()["code"] == "not_signed_in"


def test_an_order_that_came_from_another_site_is_picked_where_it_is_now(floor: Floor, bench: Bench) -> None:
    """Also when nobody told its wave there, and its tote is still called by a code that this site has too."""
    number, other = floor.order(("SOAP", 2)), floor.order(("SOAP", 2))
    waved(floor)
    totes.bind(floor.db, BOSS, other, "PPT-1")
    with floor.db.read() as connection:
        west_id = connection.execute(select(tables.site.c.id).where(tables.site.c.code == "WEST")).scalar_one()
    floor.set_order(number, site_id=west_id)
    floor.set_order(other, site_id=west_id)
    with floor.db.engine.begin() as connection:
        stock_rows = [{"sku": "SOAP", "site_id": west_id, "lot": "", "on_hand": 4, "reserved": 4}]
        connection.execute(tables.stock.insert(), stock_rows)
        connection.execute(tables.reservation.update().values(site_id=west_id))
    west = floor.bench("West 1", "WEST")
    assert {item.number for item in west.ask("GET", "/api/queue", wire.Queue).items} == {number, other}
    made = make_waves(floor.db, BOSS, Wanted("WEST", Limits()))
    assert [wave.numbers for wave in made] == [(number, other)]
    assert open_refusal(west, number).code == "not_ready"
    assert open_refusal(bench, "PPT-1").code == "not_ready"
    assert open_refusal(west, "PPT-1").code == "unknown_code"
    totes.bind(floor.db, BOSS, number, "PPT-1")
    assert open_tote(west, "PPT-1") == number


@one_engine
def test_nobody_walks_a_wave_in_a_store(floor: Floor) -> None:
    set_node(floor.db, BOSS, "EAST", {"kind": "store"})
    with pytest.raises(DomainError, match="EAST is store: it has no waves"):
        waved(floor)
    with pytest.raises(DomainError, match="EAST is store: it has no waves"):
        plan_waves(floor.db, Wanted("EAST", Limits()))


@one_engine
@pytest.mark.parametrize("tote", ["", "PPT-", "PPT-" + "9" * 33, "PPT-\x1b", "PPT- 7", "Töte"])
def test_a_tote_without_a_readable_code_is_refused(floor: Floor, tote: str) -> None:
    with pytest.raises(DomainError, match="expected 1 to 32 characters"):
        totes.bind(floor.db, BOSS, floor.order(("SOAP", 1)), tote)


@one_engine
def test_the_commands_make_print_and_finish_a_wave(floor: Floor, bench: Bench, tmp_path: Path) -> None:
    config = tmp_path / "server.toml"
    config.write_text(f'database = "{floor.db.engine.url.render_as_string(hide_password=False)}"\n')

    def run(*words: str) -> str:
        done = CliRunner().invoke(packproof, [*words, "--config", str(config)])
        assert done.exit_code == 0, done.output
        return done.output

    number = floor.order(("SOAP", 1), ("MUG", 1))
    assert number in run("wave", "plan", "--site", "EAST")
    assert number in run("wave", "make", "--site", "EAST")
    wave = str(the_wave(floor))
    assert " 0/1 " in run("wave", "list")
    out = tmp_path / "list.pdf"
    run("wave", "print", wave, "--out", str(out))
    assert "A-10" in pages(out.read_bytes())
    run("wave", "layout", "EAST", "--serpentine")
    assert "carries" in run("pick", "bind", number, "PPT-3")
    assert number in run("pick", "tote", "PPT-3")
    assert "done" in run("wave", "list", "--all")
    assert "1 of SOAP at EAST and 99 that were for sale" in run(
        "pick", "short", "SOAP", "--order", number, "--found", "0"
    )
    assert "1 order left the tote" in run("pick", "empty", "PPT-3")
    assert "EAST is down: 0 orders" in run("pick", "site-down", "EAST", "--reason", "no power")
    assert "ships again" in run("pick", "site-up", "EAST")
