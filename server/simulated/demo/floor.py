"""The running demo: server, shop and label printer as processes of their own, and what the shop knows."""

import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx

from server.config import ServerConfig
from server.simulated.demo.folder import Folder
from server.simulated.demo.goods import BASKETS, GOODS
from server.simulated.demo.people import CHANNEL
from server.simulated.demo.processes import Children, free_port, free_ports, listens
from server.simulated.platforms import kinds

NUMBERS = 1000
"""Order numbers of the platforms for each start."""
_ORDERS_WAITING_MIN = 2
_READY_SECONDS = 30.0


@dataclass(slots=True)
class Floor:
    """Where everything listens, and its processes."""

    folder: Folder
    children: Children
    server_url: str
    shop_url: str
    printer_port: int
    platforms_port: int
    """Of the first of the simulated platforms; the others follow."""
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=5, trust_env=False, verify=False))  # noqa: S501
    """For this machine's own loopback, where there is nothing to verify."""

    def start_printer(self) -> None:
        """The label printer, listening on TCP."""
        arguments = ("--port", str(self.printer_port), "--folder", str(self.folder.labels))
        self.children.start("printer", "server.simulated.label_printer", *arguments)

    def start_server(self) -> None:
        """The server with its embedded worker and SQLite."""
        self.children.start("server", "server", "server", "--config", str(self.folder.path / "server.toml"))

    def start_shop(self, secret: str) -> None:
        """The shop with its own stock numbers; its secret is not shown in the list of processes."""
        self.folder.shop.mkdir(exist_ok=True)
        products = self.folder.shop / "products.json"
        offered = [{"sku": g.sku, "title": g.title, "cents": g.cents, "stock": g.stock} for g in GOODS]
        products.write_text(json.dumps(offered), encoding="utf-8")
        port = self.shop_url.rpartition(":")[2]
        arguments = ["--port", port, "--data", str(self.folder.shop / "shop.db"), "--server", self.server_url]
        arguments += ["--channel", CHANNEL, "--products", str(products)]
        self.children.start("shop", "server.simulated.shop", *arguments, env={"PACKPROOF_SHOP_SECRET": secret})

    def start_platforms(self) -> None:
        """All simulated platforms, which send their messages to the server; each that listens writes its settings."""
        for path in self.folder.platforms.glob("*.toml"):
            path.unlink()
        arguments = ["--port", str(self.platforms_port), "--dir", str(self.folder.platforms)]
        arguments += ["--deliver-to", f"{self.server_url}/channels/{{kind}}/messages"]
        arguments += ["--sold-before", str(self.folder.memory.numbers_used)]
        self.children.start("platforms", "server", "platforms", *arguments)

    def until_ready(self) -> None:
        """Wait until all three answer; raise Unavailable naming the log of the one that does not."""
        for name, url in (("server", f"{self.server_url}/healthz"), ("shop", f"{self.shop_url}/api/state")):
            self.children.until(partial(self._answers, url), f"the {name}", _READY_SECONDS)
        self.children.until(lambda: listens(self.printer_port), "the label printer", _READY_SECONDS)

    def _answers(self, url: str) -> bool:
        with suppress(httpx.TransportError):
            return self.http.get(url, timeout=2).is_success
        return False

    def shop_state(self) -> dict[str, Any]:
        """What the shop knows, told by the shop."""
        found: dict[str, Any] = self.http.get(f"{self.shop_url}/api/state").raise_for_status().json()
        return found

    def waiting(self) -> list[dict[str, Any]]:
        """Orders that Packproof took and that have not left, oldest first."""
        orders = self.shop_state()["orders"]
        return [o for o in reversed(orders) if o["status"] == "accepted" and o["answer"].get("status") == "ready"]

    def sell(self) -> None:
        """Let buyers buy until enough orders wait, and wait until Packproof has them."""
        if len(self.waiting()) < _ORDERS_WAITING_MIN:
            for name, lines in BASKETS:
                wanted = [{"sku": sku, "quantity": units} for sku, units in lines.items()]
                body = {"lines": wanted, "ship_to": {"name": name}}
                # A shelf can be empty after many demos in one folder; the others still sell.
                self.http.post(f"{self.shop_url}/api/buy", json=body)
        self.children.until(lambda: self.shop_state()["unsent"] == 0, "the orders to arrive", _READY_SECONDS)

    def stop(self) -> None:
        """End all of it."""
        self.children.stop()
        self.http.close()

    def settle(self, seconds: float) -> None:
        """Give the worker a moment to tell the shop what just happened: until nothing new comes for a while."""
        told, quiet_since, deadline = -1, time.monotonic(), time.monotonic() + seconds
        while time.monotonic() < deadline and time.monotonic() - quiet_since < seconds / 4:
            count = len(self.shop_state()["told"])
            if count != told:
                told, quiet_since = count, time.monotonic()
            time.sleep(0.05)


def lay_out(folder: Folder) -> tuple[Floor, ServerConfig]:
    """Find free ports (the ones of last time if they still are) and write the configs of server and station."""
    memory = folder.memory
    memory.server_port = free_port(memory.server_port)
    memory.shop_port = free_port(memory.shop_port)
    memory.printer_port = free_port(memory.printer_port)
    memory.platforms_port = free_ports(len(kinds()), memory.platforms_port)
    memory.numbers_used += NUMBERS
    folder.remember()
    config = ServerConfig(data_dir=folder.data, port=memory.server_port)
    _write(folder, "server.toml", f"data_dir = {_text(folder.data)}", f"port = {memory.server_port}")
    _write(
        folder,
        "station.toml",
        f"[server]\nurl = {_text(config.url)}",
        f"[station]\nstate_dir = {_text(folder.station)}",
        f'[printer]\ntarget = "tcp:127.0.0.1:{memory.printer_port}"',
    )
    shop_url = f"http://127.0.0.1:{memory.shop_port}"
    children = Children(folder.logs)
    return Floor(folder, children, config.url, shop_url, memory.printer_port, memory.platforms_port), config


def _write(folder: Folder, name: str, *parts: str) -> None:
    head = "# Written by `packproof demo` at each start."
    (folder.path / name).write_text("\n\n".join((head, *parts)) + "\n", encoding="utf-8")


def _text(value: object) -> str:
    """A TOML string: its escapes are those of JSON."""
    return json.dumps(str(value))
