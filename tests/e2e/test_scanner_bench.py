"""A bench as it stands on the floor: the real commands, a serial scanner, no key pressed, a shop that cancels."""

import io
import json
import os
import pty
import re
import socket
import subprocess
import sys
import time
import tty
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import zxingcpp
from PIL import Image

from printing.pictures import zpl_png
from server.config import ServerConfig
from server.db.engine import open_engine
from server.db.migrate import migrate
from server.db.transaction import Database
from server.domain.people import Role
from server.joincode import JoinCode, encode
from server.usecases.benchwork import benches
from server.usecases.staff import people
from tests.book import BOSS, level, open_book, order_body, signed, until
from tests.e2e.terminal import Terminal

pytestmark = pytest.mark.timeout(180)

ROOT = Path(__file__).parents[2]
CANDLE, SOAP = "4006381333931", "5901234123457"
STOPS_WITHIN = 2.0
"""Seconds from a channel's cancel to the stop on the screen (PCK-12)."""


@dataclass
class Scene:
    """A server, a bench in a terminal and its serial scanner."""

    folder: Path
    db: Database
    http: httpx.Client
    terminal: Terminal
    scanner: int

    def scan(self, *codes: str) -> None:
        """Pull the trigger, a moment apart as hands do."""
        for code in codes:
            os.write(self.scanner, f"{code}\r".encode())
            time.sleep(0.05)

    def cancel(self, order_id: str) -> float:
        """The shop cancels; seconds until the bench has stopped."""
        body = b"{}"
        began = time.monotonic()
        answer = self.http.post(
            f"/channels/shop/orders/{order_id}/cancel", content=body, headers=signed(body, order_id)
        )
        assert answer.status_code == 200, answer.text
        self.terminal.see("CANCELLED", "Do not send it", seconds=5)
        return time.monotonic() - began

    def sell(self, order_id: str, *lines: tuple[str, int]) -> None:
        """The shop sells, signed, over HTTP."""
        body = json.dumps(order_body(order_id, *lines)).encode()
        answer = self.http.post("/channels/shop/orders", content=body, headers=signed(body, f"sold-{order_id}"))
        assert answer.json()["status"] == "ready", answer.text

    def packproof(self, *arguments: str) -> str:
        """What a command prints."""
        command = [sys.executable, "-m", "server", *arguments, "--config", str(self.folder / "server.toml")]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (tmp_path / "server.toml").write_text(f'data_dir = "{tmp_path}"\nport = {port}\n')
    (tmp_path / "labels").mkdir()
    (tmp_path / "station.toml").write_text(
        f'[station]\nstate_dir = "{tmp_path / "bench"}"\n[printer]\ntarget = "file:{tmp_path / "labels"}"\n'
    )
    db = Database(open_engine(ServerConfig(data_dir=tmp_path).database_url))
    migrate(db.engine)
    open_book(db)
    people.add_person(db, BOSS, "Ana Silva", [Role.PACKER], "PPB-ANA-01")
    benches.add_bench(db, BOSS, "Bench 1", "EAST")
    join = encode(JoinCode(f"http://127.0.0.1:{port}", "", benches.new_join_secret(db, BOSS, "Bench 1")))
    with serving(tmp_path, port), httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
        scanner, device = pty.openpty()
        tty.setraw(device)
        command = [sys.executable, "-m", "server", "station", "--config", str(tmp_path / "station.toml")]
        command += ["--scanner", f"serial:{os.ttyname(device)}", "--join", join]
        terminal = Terminal(command, cwd=ROOT, env={})
        with closing(terminal):
            terminal.see("Hold your badge")
            yield Scene(tmp_path, db, http, terminal, scanner)
        os.close(scanner)
        os.close(device)
    db.engine.dispose()


@contextmanager
def serving(folder: Path, port: int) -> Iterator[None]:
    command = [sys.executable, "-m", "server", "server", "--config", str(folder / "server.toml")]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)

    def answers() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        until(answers, "the server", 30)
        yield
    finally:
        process.terminate()
        assert process.wait(15) == 0


def printed_tracking(scene: Scene) -> str:
    """What a scanner reads on the only label that came out of the printer."""
    labels = scene.folder / "labels"
    until(lambda: any(labels.glob("*.zpl")), "a label")
    [label] = labels.glob("*.zpl")
    with Image.open(io.BytesIO(zpl_png(label.read_bytes()))) as drawn:
        [code] = zxingcpp.read_barcodes(drawn)
    return str(code.text)


def test_an_order_is_packed_through_a_serial_scanner_with_no_key_pressed(scene: Scene) -> None:
    scene.sell("S-1", ("CANDLE", 2), ("SOAP", 1))
    terminal = scene.terminal
    scene.scan("PPB-ANA-01")
    terminal.see("Signed in", "1001")
    scene.scan("PPO-1001")
    terminal.see("3 of 3 units to go")
    scene.scan(CANDLE)
    terminal.see("2 of 3 units to go")
    scene.scan("MUG-WHO-KNOWS", "MUG-WHO-KNOWS-2")
    terminal.see("UNKNOWN CODE")
    scene.scan(SOAP)
    terminal.see("NOT COUNTED: 1", "Soap")
    scene.scan("PPC-OK")
    terminal.see("2 of 3 units to go")
    scene.scan(CANDLE, CANDLE)
    # The second came within 400 ms from the same scanner: a bounce, which never counts.
    terminal.see("1 of 3 units to go")
    scene.scan(SOAP)
    terminal.see("LAST STEP")
    scene.scan(printed_tracking(scene))
    terminal.see("1001 is packed and labelled")
    assert len(list((scene.folder / "labels").iterdir())) == 1
    assert "(typed)" not in terminal.plain()
    told = scene.packproof("timeline", "1001")
    assert re.search(rf"Ana Silva.*Bench 1.*bench\.scan.*{CANDLE}", told)
    assert re.search(r"Ana Silva.*Bench 1.*order\.packed", told)
    assert scene.packproof("timeline", "S-1") == told


def test_orders_cancelled_while_they_are_packed_stop_the_bench_within_two_seconds(scene: Scene) -> None:
    times = []
    scene.scan("PPB-ANA-01")
    scene.terminal.see("Signed in")
    for n in range(1, 5):
        scene.sell(f"S-{n}", ("CANDLE", 2))
        scene.scan(f"PPO-{1000 + n}")
        scene.terminal.see("2 of 2 units to go")
        scene.scan(CANDLE)
        scene.terminal.see("1 of 2 units to go")
        times.append(scene.cancel(f"S-{n}"))
        scene.scan(SOAP)
        scene.terminal.see("NOT COUNTED: 1")
        scene.scan("PPC-OK")
        scene.terminal.see("WAITING")
    print("cancel to stop, seconds:", [round(each, 2) for each in times])
    assert max(times) <= STOPS_WITHIN
    assert level(scene.db) == (10, 0)
    assert list((scene.folder / "labels").iterdir()) == [], "a label of a cancelled order came out"


def test_an_import_shows_its_progress_and_names_refused_rows(tmp_path: Path) -> None:
    (tmp_path / "server.toml").write_text(f'data_dir = "{tmp_path}"\n')
    db = Database(open_engine(ServerConfig(data_dir=tmp_path).database_url))
    migrate(db.engine)
    db.engine.dispose()
    rows = "".join(f"SKU-{n},Thing {n}\n" for n in range(400))
    (tmp_path / "products.csv").write_text(f"sku,name\n{rows},nameless\n")
    command = [sys.executable, "-m", "server", "import", "products", str(tmp_path / "products.csv")]
    with closing(Terminal([*command, "--config", str(tmp_path / "server.toml")], cwd=ROOT, env={})) as terminal:
        until(lambda: terminal.process.poll() is not None, "the import to end", 60)
        until(lambda: "refused" in terminal.plain(), "the last words")
        said = terminal.plain()
    assert terminal.process.returncode == 1
    assert re.search(r"products.*━.* \d+/401", said), "a bar, and how many of how many"
    assert re.search(r"line 402: \S", said)
    assert "400 taken, 0 unchanged, 1 refused" in said
