"""`packproof demo`: a whole packing floor in two minutes."""

import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from server.simulated.demo.floor import Floor

_SETTLE_SECONDS = 3.0


@click.command("demo", short_help="A whole packing floor in two minutes; needs no hardware.")
@click.option(
    "--dir", "path", type=click.Path(file_okay=False, path_type=Path), default=Path("demo-data"), show_default=True,
    help="Where everything of the demo lies.",
)  # fmt: skip
@click.option("--fresh", is_flag=True, help="Begin anew: empty that folder first, if it is a demo's.")
@click.option("--no-station", is_flag=True, help="Only server, shop and printer; until Ctrl-C.")
def demo_command(path: Path, fresh: bool, no_station: bool) -> None:
    """Sell, pack, label and ship, with no hardware and no internet.

    Starts the server, a small web shop that really sells, simulated marketplaces of six platforms, and a label printer
    made of software; lets a few buyers buy; then opens the packing station in this terminal. Its first screen says what
    to type. All barcodes are also in demo-codes.pdf, for a real scanner. Ctrl-C twice ends; starting again goes on
    where you were.

    \b
    Examples:
      packproof demo
      packproof demo --fresh
      packproof demo --dir /tmp/floor --no-station
    """
    from server.simulated.demo.folder import claimed

    with claimed(path, fresh) as folder, _ending_on_sigterm():
        from server.simulated.demo.floor import lay_out
        from server.simulated.demo.processes import loopback_needs_no_proxy

        loopback_needs_no_proxy()
        floor, config = lay_out(folder)
        say(f"demo in {folder.path}" + ("" if folder.fresh else "; it goes on where it was (--fresh begins anew)"))
        try:
            command = _open(floor, config)
            if no_station or not sys.stdin.isatty() or not sys.stdout.isatty():
                _places(floor)
                say(f"in another terminal:\n  {shlex.join(command)}")
                say("Ctrl-C ends.")
                signal.pause()
            else:
                from server.simulated.demo.processes import in_terminal

                code = in_terminal(command)
                floor.settle(_SETTLE_SECONDS)
                _outcome(floor)
                _places(floor)
                if code:
                    say(f"the station ended with {code}; see {folder.logs} and {folder.station}")
        except KeyboardInterrupt:
            say("ending")
        finally:
            floor.stop()


def _open(floor: "Floor", config: object) -> list[str]:
    """Start everything and let buyers buy; return the station's command line."""
    from server.cli.joining import join_code
    from server.cli.opening import quiet
    from server.config import ServerConfig
    from server.simulated.demo import codes, furnishing, guide, marketplaces

    assert isinstance(config, ServerConfig)  # noqa: S101
    floor.start_printer()
    with furnishing.database(config) as db:
        with quiet():  # Each row that is made would be a line of log on somebody's first screen.
            furnishing.furnish(db, floor.folder, _time_zone())
            secret = furnishing.connect_shop(db, floor.shop_url)
        floor.start_server()
        floor.start_shop(secret)
        floor.until_ready()
        floor.sell()
        # After the shop's orders, the first of which is the guide's, and so that nobody waits for it.
        floor.start_platforms()
        marketplaces.connect_beside(floor, config)
        orders = floor.waiting()
        pdf, text = codes.write_codes(floor.folder.path, orders)
        say(f"barcodes: {pdf} (to scan), {text.name} (to type)")
        join = furnishing.join_secret(db, floor.folder.station)
        command = [sys.executable, "-m", "station", "--config", str(floor.folder.path / "station.toml")]
        command += ["--join", join_code(config, join)] if join else []
        lines = guide.guide(orders[0], furnishing.next_tracking(db, codes.number(orders[0]))) if orders else ()
        return command + [part for line in lines for part in ("--guide", line)]


def _outcome(floor: "Floor") -> None:
    """What the shop was told, asked from the shop itself."""
    state = floor.shop_state()
    click.echo("\nThe shop was told:")
    for order in reversed(state["orders"]):
        tracking = f"{order['carrier']} {order['tracking']}" if order["tracking"] else "-"
        click.echo(f"  order {order['order_id']:<8} {order['status']:<10} {tracking}")
    for product in state["products"]:
        click.echo(f"  stock {product['sku']:<8} {product['stock']:>4}  (number {product['version']})")


def _places(floor: "Floor") -> None:
    """Where things lie and where pages are."""
    from server.simulated.demo.people import LOGIN

    folder = floor.folder
    click.echo(f"\nlabels     {folder.labels} (bytes and pictures)")
    click.echo(f"manifests  {folder.station / 'manifests'}")
    click.echo(f"barcodes   {folder.path / 'demo-codes.pdf'}")
    click.echo(f"board      {floor.server_url}/board  login {LOGIN}, password {folder.memory.password}")
    click.echo(f"shop       {floor.shop_url}")
    click.echo(f"channels   PACKPROOF_CONFIG={shlex.quote(str(folder.path / 'server.toml'))} packproof channels")


def _time_zone() -> str:
    from server.cli.machine_zone import machine_time_zone

    return machine_time_zone()


@contextmanager
def _ending_on_sigterm() -> Iterator[None]:
    """SIGTERM and a closed terminal end the demo as Ctrl-C does, also where a shell without job control started it."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def say(text: str) -> None:
    """Narration goes to standard error."""
    click.echo(text, err=True)
