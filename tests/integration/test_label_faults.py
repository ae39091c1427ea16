"""Whatever breaks while a label is bought at a carrier that knows no keys: exactly one live label (LBL-02, FLR-08)."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from server.domain.errors import DomainError
from server.simulated.carriers.easypost import SimulatedEasyPost
from server.simulated.platforms.faults import Fault
from server.simulated.platforms.serve import serve_one
from server.simulated.platforms.transport import transport
from server.usecases.shipping import checking
from server.usecases.shipping.accounts import call_through, client_of
from server.usecases.shipping.keeping import put_account
from tests.carriers import SERVICES, easypost_behind, shippable
from tests.floor import BOSS, SOAP, Bench, Floor, one_engine
from tests.integration.test_checking import begun, later
from tests.integration.test_labels import parcel_rows

pytestmark = one_engine


def verified(floor: Floor) -> Bench:
    """A bench with every unit of an EasyPost order verified."""
    shippable(floor.db)
    bench = floor.bench("Bench 1")
    bench.open(floor.order(("SOAP", 1), carrier="easypost"))
    bench.scan(SOAP)
    bench.send()
    return bench


_DONE = (Fault.LOST_AFTER, Fault.BROKEN_AFTER)
ASKS, NOBODY = "the bench asks again", "nobody asks again"
BROKEN = [(who, fault) for who in (ASKS, NOBODY) for fault in (*_DONE, Fault.LOST_BEFORE)]


@pytest.mark.parametrize(("who", "fault"), [*BROKEN, (ASKS, Fault.GARBLED), (ASKS, Fault.TOO_MANY)])
def test_a_purchase_that_broke_ends_with_one_live_label_or_none(floor: Floor, who: str, fault: Fault) -> None:
    with easypost_behind(floor.db) as easypost:
        bench = verified(floor)
        easypost.faults.once(fault, "POST", "/buy")
        with pytest.raises(DomainError) as refusal:
            bench.buy()
        assert refusal.value.facts["bought"] == ("not_bought" if fault is Fault.TOO_MANY else "unknown")
        later(floor, 61)
        call_through(floor.db, client_of(floor.db))  # A line that knows nothing of a limit: it is over.
        if who == NOBODY:
            checking.tick(floor.db)
            assert [row[0] for row in parcel_rows(floor)] == ["bought" if fault in _DONE else "intent"]
        label = bench.buy()
        assert [each["tracking_code"] for each in easypost.live()] == [label.tracking]
        assert (len(easypost.charged), begun(floor)) == (1, 0)


def test_a_second_press_that_is_told_too_many_keeps_the_doubt_about_the_first(floor: Floor) -> None:
    """EasyPost carries out the first purchase only after the second press was refused."""
    with easypost_behind(floor.db) as easypost:
        bench = verified(floor)
        inner, held = transport([easypost]), list[httpx.Request]()

        def answer(request: httpx.Request) -> httpx.Response:
            if not request.url.path.endswith("/buy"):
                return inner.handle_request(request)
            held.append(request)
            if len(held) == 1:
                raise httpx.ReadTimeout("late", request=request)
            return httpx.Response(429, json={})

        call_through(floor.db, httpx.Client(transport=httpx.MockTransport(answer)))
        for _ in range(2):
            with pytest.raises(DomainError) as refusal:
                bench.buy()
            assert refusal.value.facts["bought"] == "unknown"
            later(floor, 61)
        inner.handle_request(held[0])
        later(floor, 600)
        checking.tick(floor.db)
        [live] = easypost.live()
        assert (bench.buy().tracking, len(held), begun(floor)) == (live["tracking_code"], 2, 0)


def test_presses_at_once_buy_one_label(floor: Floor) -> None:
    with easypost_behind(floor.db) as easypost:
        bench = verified(floor)
        assert bench.session is not None
        easypost.slow = 0.01
        path = f"/api/sessions/{bench.session.session_id}/label"
        with ThreadPoolExecutor(3) as pool:
            answers = list(pool.map(lambda _: bench.call("POST", path), range(3)))
        assert 200 in [answer.status_code for answer in answers]
        assert len({answer.content for answer in answers if answer.status_code == 200}) == 1
        assert bench.buy().tracking == easypost.charged[0][0]
        assert (len(easypost.charged), len(easypost.live())) == (1, 1)


_DIES = """
import os, signal, sys
from server.db.engine import open_engine
from server.db.transaction import Actor, Database
from server.usecases.benchwork import labels
labels._write_down = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
labels.buy_label(Database(open_engine(sys.argv[1])), Actor("Bench 1"), int(sys.argv[2]), sys.argv[3])
"""


def test_a_server_killed_between_the_carriers_answer_and_its_own_note_bought_one_label(floor: Floor) -> None:
    """kill -9 of a process of its own; the next one finds the label, with nobody asking."""
    easypost = SimulatedEasyPost(floor.db.now)
    served = serve_one(easypost)
    try:
        put_account(floor.db, BOSS, "easypost", "easypost", {**served.settings, "services": SERVICES}, name="EasyPost")
        bench = verified(floor)
        assert bench.session is not None
        url = floor.db.engine.url.render_as_string(hide_password=False)
        command = [sys.executable, "-c", _DIES, url, str(bench.bench_id), bench.session.session_id]
        died = subprocess.run(command, timeout=60, check=False, stdout=subprocess.DEVNULL)
        assert died.returncode == -signal.SIGKILL
        assert ([row[0] for row in parcel_rows(floor)], len(easypost.live())) == (["intent"], 1)
        later(floor, 61)
        checking.tick(floor.db)
        assert [row[0] for row in parcel_rows(floor)] == ["bought"]
        assert bench.buy().tracking == easypost.charged[0][0]
        assert len(easypost.charged) == 1
    finally:
        served.stop()
