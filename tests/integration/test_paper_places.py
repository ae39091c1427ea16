"""A supervisor says where the paper of a bench comes out; where it comes out, the bench hears whose it is."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from sqlalchemy import update
from starlette.applications import Starlette

from server import wire
from server.cli.group import packproof
from server.config import ServerConfig
from server.db import tables
from server.domain.errors import DomainError
from server.domain.people import Role
from server.http import floor_api, paper_page
from server.http.access import COOKIE
from server.http.call import Services
from server.usecases.benchwork import paper
from tests.board_server import serving, signed_in
from tests.floor import BOSS, Bench, Floor, one_engine

LABELS = wire.PrinterSeen(name="labels", kinds=("label",), redirect=("bench 3", "spare"))
SLIPS = wire.PrinterSeen(name="slips", redirect=("bench 3",))


def beat(bench: Bench, *done: str, elsewhere: tuple[wire.PaperFor, ...] = ()) -> wire.HeartbeatAnswer:
    message = wire.Heartbeat(
        at=bench.floor.db.now(), printers=(LABELS, SLIPS), paper_elsewhere=elsewhere, paper_done=done
    )
    return bench.ask("POST", "/api/heartbeat", wire.HeartbeatAnswer, message)


def test_what_a_supervisor_says_of_paper_reaches_the_bench_until_it_has_done_it(floor: Floor) -> None:
    bench, other = floor.bench("Bench 1"), floor.bench("Bench 2")
    assert beat(bench).paper == beat(other).paper == ()
    assert paper.send_paper(floor.db, BOSS, "Bench 1", "label", "spare") == (LABELS, SLIPS)
    paper.send_paper(floor.db, BOSS, "Bench 1", "label", "bench 3")
    [first] = beat(bench).paper
    assert (first.kind, first.to) == ("label", "bench 3")
    assert beat(bench).paper == (first,)
    paper.send_paper(floor.db, BOSS, "Bench 1", "slip", "")
    [second] = beat(bench, first.order_id).paper
    assert (second.kind, second.to) == ("slip", "")
    # All of it makes void what was said of single kinds.
    paper.send_paper(floor.db, BOSS, "Bench 1", "", "bench 3")
    [third] = beat(bench).paper
    assert (third.kind, third.to) == ("", "bench 3")
    assert beat(bench, third.order_id).paper == beat(other).paper == ()
    assert len(floor.audited("bench.paper")) == 4


@one_engine
def test_what_was_said_a_quarter_of_an_hour_ago_is_not_meant_any_more(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    beat(bench)
    paper.send_paper(floor.db, BOSS, "Bench 1", "", "bench 3")
    with floor.db.engine.begin() as connection:
        connection.execute(update(tables.paper_order).values(at=floor.db.now() - paper.ORDER_SECONDS - 1))
    assert beat(bench).paper == ()
    assert floor.count("paper_order") == 0


@one_engine
@pytest.mark.parametrize(
    ("kind", "to", "sentence"),
    [
        ("lable", "spare", "expected a kind of paper (label, parking, "),
        ("slip", "spare", "expected a printer of Bench 1 for slip: bench 3; found 'spare'"),
        ("", "bench 4", "expected a printer of Bench 1 for paper: bench 3, spare; found 'bench 4'"),
    ],
)
def test_paper_goes_only_where_the_bench_says_that_it_may(floor: Floor, kind: str, to: str, sentence: str) -> None:
    beat(floor.bench("Bench 1"))
    floor.bench("Bench 2")
    for bench, words in (("Bench 1", sentence), ("Bench 2", "Bench 2 has no printer" if kind != "lable" else sentence)):
        with pytest.raises(DomainError) as refused:
            paper.send_paper(floor.db, BOSS, bench, kind, to)
        assert refused.value.detail.startswith(words)


def test_a_bench_hears_whose_paper_comes_out_at_it_and_one_elsewhere_does_not(floor: Floor) -> None:
    one, three, west = floor.bench("Bench 1"), floor.bench("Bench 3"), floor.bench("Bench 3 west", "WEST")
    there = (
        wire.PaperFor(bench="Bench 3", order_number="1043"),
        wire.PaperFor(bench="Bench 3 west", order_number="1044"),
    )
    beat(one, elsewhere=there)
    assert beat(three).guests == (wire.PaperFor(bench="Bench 1", order_number="1043"),)
    assert beat(one, elsewhere=there).guests == beat(west).guests == ()
    beat(one)
    assert beat(three).guests == ()


@pytest.fixture
def page(floor: Floor) -> Iterator[httpx.Client]:
    """A supervisor before the pages and the API of benches."""
    app = Starlette(routes=[*paper_page.ROUTES, *floor_api.ROUTES])
    app.state.services = Services(floor.db, ServerConfig())
    with serving(app) as server:
        cookies, headers = {COOKIE: signed_in(floor.db, Role.SUPERVISOR)}, {"Origin": server.url}
        with httpx.Client(base_url=server.url, cookies=cookies, headers=headers, verify=False, trust_env=False) as page:
            yield page


@one_engine
def test_a_supervisor_sends_paper_from_the_page_of_the_bench_and_over_http(floor: Floor, page: httpx.Client) -> None:
    bench = floor.bench("Bench 1")
    assert "No printer of this bench" in page.get("/benches/1/paper").text
    beat(bench)
    assert '<option value="bench 3">to bench 3</option>' in page.get("/benches/1/paper").text
    assert page.post("/benches/1/paper", data={"to": "bench 3", "kind": "slip"}).status_code == 303
    wrong = page.post("/benches/1/paper", data={"to": "<bench 9>"})
    assert wrong.status_code == 422 and "found &#39;&lt;bench 9&gt;&#39;" in wrong.text
    assert [page.get(f"/benches/{no}/paper").status_code for no in ("9", "x", "²", "1" * 30)] == [404] * 4
    seen = page.get("/api/benches/Bench%201/paper").json()
    assert seen["printers"][0]["redirect"] == ["bench 3", "spare"]
    assert page.put("/api/benches/Bench%201/paper", json={"kind": "label", "to": "spare"}).json() == seen
    assert page.put("/api/benches/Bench%201/paper", json={"to": "bench 4"}).status_code == 422
    assert [(told.kind, told.to) for told in beat(bench).paper] == [("slip", "bench 3"), ("label", "spare")]


@one_engine
def test_it_is_said_by_command(tmp_path: Path, floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    beat(bench)
    config = tmp_path / "server.toml"
    config.write_text(f'data_dir = "{tmp_path}"\n')

    def said(*words: str) -> str:
        return CliRunner().invoke(packproof, ["bench", "paper", "Bench 1", *words, "--config", str(config)]).output

    assert " ".join(said().splitlines()[0].split()) == "labels label prints here; may go to bench 3, spare"
    assert said("--kind", "label", "--to", "spare") == "Bench 1 is told: label to spare\n"
    assert said("--home") == "Bench 1 is told: all paper home\n"
    assert "found both" in said("--home", "--to", "spare")
    assert [(order.kind, order.to) for order in beat(bench).paper] == [("", "")]
