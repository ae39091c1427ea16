"""`packproof platforms`: simulated platforms on loopback, to connect channels to."""

import signal
import threading
from pathlib import Path

import click

from server.domain.errors import DomainError

_PORT = 8460


@click.command("platforms", short_help="Simulated Shopify, Amazon, eBay ... to try channels on.")
@click.argument("kinds", nargs=-1, metavar="[KIND]...")
@click.option("--port", type=click.IntRange(1, 65_000), default=_PORT, show_default=True, help="Of the first; +1 each.")
@click.option(
    "--dir", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path("platforms-data"),
    show_default=True, help="Where KIND.toml is written, for `channels add KIND --settings`.",
)  # fmt: skip
@click.option("--deliver-to", default="", metavar="URL", help="Where their messages go; {kind} is replaced.")
@click.option("--loss", type=click.FloatRange(0, 1), default=0.0, help="Share of messages that never arrive.")
@click.option("--twice", type=click.FloatRange(0, 1), default=0.0, help="Share of messages that come twice.")
@click.option(
    "--delay", type=click.FloatRange(0, 3600), default=0.0, help="Seconds by which messages are late at most."
)
@click.option(
    "--faults", type=click.FloatRange(0, 1), default=0.0, help="Share of calls that fail, some after the deed."
)
@click.option("--sold-before", type=click.IntRange(0, 10**8), default=0, help="Order numbers that are used up.")
@click.option("--limited", is_flag=True, help="Keep to the real rate limits.")
@click.option("--seed", type=int, default=1, show_default=True, help="What goes wrong, and when.")
def platforms_command(
    *,
    kinds: tuple[str, ...],
    port: int,
    folder: Path,
    deliver_to: str,
    loss: float,
    twice: float,
    delay: float,
    faults: float,
    sold_before: int,
    limited: bool,
    seed: int,
) -> None:
    """Run a simulated platform of each KIND (all without one) on this machine, in its own protocol, until Ctrl-C.

    They sell the demo's goods, sign what they send, and know nothing of Packproof. Each has a control in JSON:
    POST /_/sell, /_/cancel, /_/tamper, /_/faults and GET /_/state.

    \b
    Examples:
      packproof platforms shopify
      packproof platforms --deliver-to http://127.0.0.1:8440/channels/{kind}/messages --loss 0.1 --twice 0.1
    """
    from server.simulated.platforms import kinds as known
    from server.simulated.platforms.serve import Delivery, serving, settings_toml, stocked

    wanted = kinds or known()
    for kind in wanted:
        if kind not in known():
            raise DomainError("not_found", f"expected some of {', '.join(known())}, found {kind!r}")
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    folder.mkdir(parents=True, exist_ok=True)
    with serving(wanted, port, Delivery(deliver_to, loss, twice, delay), seed=seed) as running:
        for each in running:
            stocked(each.platform)
            each.platform.limited = limited
            each.platform.market.number_from += sold_before
            each.platform.faults.share = faults
            path = folder / f"{each.platform.KIND}.toml"
            path.write_text(settings_toml(each.settings), encoding="utf-8")
            click.echo(f"{each.platform.KIND:<12} {each.url:<24} {path}", err=True)
        click.echo("Ctrl-C ends.", err=True)
        ended.wait()
