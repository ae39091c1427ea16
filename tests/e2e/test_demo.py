"""The two minutes of a newcomer: `packproof demo` in a real terminal, from the badge to the shop's tracking number."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import zxingcpp
from PIL import Image

from server.simulated.demo.goods import GOODS
from tests.e2e.terminal import Terminal

pytestmark = pytest.mark.timeout(300)

ROOT = Path(__file__).parents[2]
START_SECONDS = 90.0
EUCALYPTUS = next(g for g in GOODS if g.sku == "EUC16")
NO_INTERNET = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://192.0.2.1:9")


def demo_command(folder: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "server", "demo", "--dir", str(folder), *options]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    command = demo_command(tmp_path / "demo", "--fresh")
    started = Terminal(command, cwd=ROOT, env=NO_INTERNET)
    yield started
    started.close()


def processes_of(folder: Path) -> dict[int, str]:
    """Every process on this machine whose command line names the folder."""
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
            running = "\nState:\tZ" not in (entry / "status").read_text()
        except (OSError, ValueError):
            continue
        if entry.name.isdecimal() and str(folder) in words and running:
            found[int(entry.name)] = words
    return found


def until(condition: Callable[[], object], what: str, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited for {what}"
        time.sleep(0.05)


def repeat_until(act: Callable[[], None], done: Callable[[], bool], what: str, every: float) -> None:
    """People press again when nothing happened; the station wants some time between."""
    deadline = time.monotonic() + 30
    while not done():
        assert time.monotonic() < deadline, f"waited for {what}"
        act()
        again = time.monotonic() + every
        while not done() and time.monotonic() < again:
            time.sleep(0.02)


def printed_tracking(labels: Path) -> str:
    """What a scanner reads on the picture of the only label."""
    until(lambda: list(labels.glob("[0-9]*.png")), "a label's picture")
    [picture] = labels.glob("[0-9]*.png")
    with Image.open(picture) as image:
        [code] = zxingcpp.read_barcodes(image)
    return str(code.text)


def shop_state(folder: Path) -> dict[str, list[dict[str, object]]]:
    port = json.loads((folder / "packproof-demo.json").read_text())["shop_port"]
    found: dict[str, list[dict[str, object]]] = httpx.get(f"http://127.0.0.1:{port}/api/state", trust_env=False).json()
    return found


def test_a_newcomer_sells_packs_and_ships_an_order_with_nothing_but_a_keyboard(
    terminal: Terminal, tmp_path: Path
) -> None:
    folder = tmp_path / "demo"
    guide = terminal.see("PPB-ANA-01", "PPO-1001", "LAV16", "PPC-DOCK", "PPC-CLOSE", seconds=START_SECONDS)
    assert len(re.findall(r"^ +[1-6]  ", guide, re.MULTILINE)) == 6
    assert (folder / "demo-codes.pdf").read_bytes().startswith(b"%PDF")
    assert "PPO-1001" in (folder / "demo-codes.txt").read_text()

    terminal.type("PPB-ANA-01")
    terminal.see("Signed in.", "1001", "1002")
    terminal.type("PPO-1001")
    terminal.see("3 of 3 units to go")

    terminal.type("LAV16")
    terminal.see("WRONG ITEM", "THIS BOX STILL NEEDS")
    terminal.type("EUC16")
    terminal.until(lambda text: "WRONG ITEM" in text and "EUCALYPTUS" in text, "the stop to stay")
    repeat_until(
        lambda: terminal.press("\r"), lambda: "3 of 3 units to go" in terminal.text, "Enter to clear the stop", 0.6
    )

    terminal.type("EUC16")
    terminal.see("2 of 3 units to go", "(typed)")
    terminal.type(EUCALYPTUS.ean)
    terminal.see("1 of 3 units to go")
    assert not list((folder / "labels").glob("*.zpl")), "a label must not exist while a unit is missing"
    terminal.type("SOAP-C")
    terminal.see("LAST STEP")

    tracking = printed_tracking(folder / "labels")
    assert tracking in guide
    terminal.type(tracking)
    terminal.see("1001 is packed and labelled")

    terminal.type("PPB-DEE-02")
    terminal.see("Took over this bench.")
    terminal.type("PPC-DOCK")
    terminal.see("Now loading.")
    terminal.type("PPL-OWN-VAN")
    terminal.see("Scan YES to begin one")
    terminal.type("PPC-YES")
    terminal.see("NOT LOADED YET: 1", tracking[-6:])
    terminal.type(tracking)
    terminal.see("NOT LOADED YET: none")
    repeat_until(
        lambda: terminal.type("PPC-CLOSE"), lambda: "manifest saved" in terminal.text, "the load to close", 1.3
    )
    terminal.see("1 of 1 parcel told", "new stock told to all channels")

    state = shop_state(folder)
    order = next(o for o in state["orders"] if o["order_id"] == "S-1001")
    assert (order["status"], order["tracking"]) == ("shipped", tracking)
    told = [h["data"] for h in state["told"] if h["type"] == "stock.updated"]
    assert {"EUC16", "SOAP-C"} <= {data["sku"] for data in told if isinstance(data, dict)}
    stock = {p["sku"]: p["stock"] for p in state["products"]}
    assert (stock["EUC16"], stock["SOAP-C"]) == (58, 79)
    [manifest] = (folder / "station" / "manifests").glob("*.pdf")
    assert manifest.read_bytes().startswith(b"%PDF")

    repeat_until(
        lambda: terminal.press("\x03\x03"), lambda: terminal.process.poll() is not None, "two Ctrl-C to end it", 10
    )
    assert terminal.process.returncode == 0
    said = terminal.plain()
    assert re.search(rf"order S-1001\s+shipped\s+Own van {tracking}", said)
    assert re.search(r"board\s+http://127\.0\.0\.1:\d+/board  login sam, password \w+", said)
    assert processes_of(folder) == {}


def test_a_killed_demo_leaves_nothing_running_and_the_next_start_goes_on_where_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    first, said = until_ready(folder)
    first.kill()
    first.communicate()
    assert "goes on where it was" not in said
    until(lambda: not processes_of(folder), "its children to end")

    second, said = until_ready(folder)
    assert "goes on where it was" in said
    assert [o["status"] for o in shop_state(folder)["orders"]] == ["accepted"] * 4, "the buyers buy once"
    beside = subprocess.run(demo_command(folder), cwd=ROOT, capture_output=True, text=True, check=False)
    assert beside.returncode == 2
    assert "a demo is running in" in beside.stderr
    second.send_signal(signal.SIGINT)
    second.communicate()
    assert second.returncode == 0
    assert processes_of(folder) == {}


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    strange = tmp_path / "letters"
    strange.mkdir()
    (strange / "dear.txt").write_text("mine")
    refused = subprocess.run(demo_command(strange, "--fresh"), cwd=ROOT, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "holds something that is not a demo" in refused.stderr
    assert (strange / "dear.txt").read_text() == "mine"


def until_ready(folder: Path) -> "tuple[subprocess.Popen[str], str]":
    """A demo without a station that has begun, and what it said."""
    demo = subprocess.Popen(
        demo_command(folder, "--no-station"), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert demo.stdout is not None
    said = []
    for line in demo.stdout:
        said.append(line)
        if "Ctrl-C ends" in line:
            break
    assert len(processes_of(folder)) == 5, "the demo, server, shop, printer and platforms"
    return demo, "".join(said)
