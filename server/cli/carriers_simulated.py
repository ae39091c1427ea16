"""`packproof carriers simulate`: a simulated EasyPost on loopback."""

import signal
import threading
import time
from pathlib import Path

import click

from server.simulated.carriers.easypost import SimulatedEasyPost
from server.simulated.platforms.serve import Delivery, serve_one, settings_toml


def run(port: int, folder: Path, delivery: Delivery, *, faults: float, seed: int) -> None:
    """Serve it until a signal ends it; write the settings that connect to it."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    folder.mkdir(parents=True, exist_ok=True)
    served = serve_one(SimulatedEasyPost(time.time, seed), port, delivery, seed)
    try:
        served.platform.faults.share = faults
        path = folder / "easypost.toml"
        path.write_text(settings_toml(served.settings), encoding="utf-8")
        click.echo(f"easypost     {served.url:<24} {path}", err=True)
        click.echo("Ctrl-C ends.", err=True)
        ended.wait()
    finally:
        served.stop()
