"""`packproof conflict`: who wins the last unit, and what becomes of the others."""

from pathlib import Path
from typing import Any

import click

from server.cli.columns import columns
from server.cli.opening import config_option, opened, operator
from server.cli.order_ref import order_named
from server.cli.refusal import one_line


@click.group("conflict", short_help="Who wins the last unit, and what becomes of the others.")
def conflict_command() -> None:
    """The policy, what each channel permits, the wait queue, and why an order lost."""


@conflict_command.command("policy", short_help="Who is served first where there is too little.")
@click.argument("kind", required=False, type=click.Choice(["first_come", "channel_priority", "customer_value"]))
@click.option("--channels", default=None, help="Codes, the best first, with commas between them.")
@click.option("--window", type=float, default=None, help="Seconds for which orders for scarce SKUs are held back.")
@click.option("--scarce", default=None, help="SKUs with commas between them: orders for them wait for the window.")
@config_option
def policy_command(
    *, config: Path | None, kind: str | None, channels: str | None, window: float | None, scarce: str | None
) -> None:
    """Show the policy, or change it at once. It decides only among orders for which there is too little.

    \b
    Examples:
      packproof conflict policy
      packproof conflict policy channel_priority --channels shop,etsy
    """
    from server.db import conflict_rows
    from server.usecases.sales.policies import set_policy

    given: dict[str, Any] = {"kind": kind, "window": window}
    given |= {"channels": channels and channels.split(","), "scarce": scarce and scarce.split(",")}
    changes = {key: value for key, value in given.items() if value is not None}
    with opened(config) as db:
        if changes:
            set_policy(db, operator(), changes)
        with db.read() as connection:
            found = conflict_rows.policy(connection)
    ranked = f", {' before '.join(found.channels)}" if found.channels else ""
    window_said = f", {found.window:g} s for {', '.join(sorted(found.scarce))}" if found.window and found.scarce else ""
    click.echo(f"{found.kind.value.replace('_', ' ')} (version {found.version}){ranked}{window_said}")


@conflict_command.command("channel", short_help="What a channel permits when its order finds no stock.")
@click.argument("code")
@click.option("--path", "steps", default=None, help="other_location,inbound,backorder,substitute,cancel,ask: in turn.")
@click.option("--backorder/--no-backorder", default=None, help="May its orders wait for stock?")
@click.option("--oversell", type=int, default=None, help="Units of one SKU it may sell beyond the stock.")
@click.option("--cancel-limit", type=float, default=None, help="Per cent of orders we may cancel, as it counts them.")
@click.option("--cancel-days", type=int, default=None, help="Days over which it counts them.")
@config_option
def channel_rules_command(
    *,
    config: Path | None,
    code: str,
    steps: str | None,
    backorder: bool | None,
    oversell: int | None,
    cancel_limit: float | None,
    cancel_days: int | None,
) -> None:
    """Change what a channel permits; what is not named stays as it is. Everything is off until it is switched on.

    \b
    Example:
      packproof conflict channel etsy --path inbound,backorder,cancel --backorder --cancel-limit 2.5
    """
    from server.usecases.sales.policies import set_channel_rules

    limit = None if cancel_limit is None else round(cancel_limit * 100)
    given = {"path": steps and steps.split(","), "backorder": backorder, "oversell": oversell}
    given |= {"cancel_limit": limit, "cancel_days": cancel_days}
    with opened(config) as db:
        changes = {key: value for key, value in given.items() if value is not None}
        found = set_channel_rules(db, operator(), code, changes)
    allowed = [f"oversells {found.oversell}"] if found.oversell else []
    allowed += ["backorders"] if found.backorder else []
    click.echo(f"{code}: {' > '.join(found.path)}; {', '.join(allowed) or 'neither backorders nor overselling'}")


@conflict_command.command("service", short_help="What a channel's words for a service mean.")
@click.argument("code")
@click.argument("words")
@click.argument("carrier")
@click.argument("service")
@config_option
def service_command(*, config: Path | None, code: str, words: str, carrier: str, service: str) -> None:
    """Map a channel's WORDS to a carrier and its service. From the first on, orders with other words are held."""
    from server.usecases.sales.policies import map_service

    with opened(config) as db:
        map_service(db, operator(), code, words, carrier=carrier, service=service)
    click.echo(f"{code}: {words} is {carrier} {service}", err=True)


@conflict_command.command("queue", short_help="Orders that wait for stock, in the order they will be served.")
@config_option
def queue_command(config: Path | None) -> None:
    """List the wait queue: order, channel, what it waits for and how many units of what."""
    from server.usecases.sales.waiting import queue

    with opened(config) as db:
        waiting = queue(db)
    if waiting:
        click.echo(columns(("ORDER", 10), ("CHANNEL", 12), ("WAITS FOR", 10), ("UNITS", 0)))
    for order, channel, _, waiting_for, units in waiting:
        wanted = ", ".join(f"{n} {sku}" for sku, n in sorted(units.items()))
        click.echo(columns((order, 10), (channel, 12), (waiting_for, 10), (wanted, 0)))
    if not waiting:
        click.echo("no order waits for stock", err=True)


@conflict_command.command("explain", short_help="Why an order found no stock, or why it won.")
@click.argument("order")
@config_option
def explain_command(config: Path | None, order: str) -> None:
    """Say why ORDER lost, which step of its channel's path was taken, and why those before it were not.

    Of an order that won: who got nothing when it was served, and why.
    """
    from server.usecases.record.beaten import beaten_by

    with opened(config) as db:
        found = order_named(db, order)
        with db.read() as connection:
            losers = [] if found.decided else beaten_by(connection, found)
    decided = found.decided
    for loser in losers:
        click.echo(f"served when order {loser.number} ({loser.channel}) was not: {one_line(loser.because)}")
    if not decided:
        click.echo(f"order {found.number} never lost", err=True)
        return
    click.echo(one_line(decided.get("because") or "there was too little for it"))
    for step, why in decided.get("passed", []):
        click.echo(f"  not {step.replace('_', ' ')}: {one_line(why)}")
    click.echo(f"  {decided['step'].replace('_', ' ')}: {one_line(decided['why'])}")


@conflict_command.command("cancels", short_help="Our own cancels per channel against its limit.")
@config_option
def cancels_command(config: Path | None) -> None:
    """One line a channel: orders, those we cancelled, the limit, and how many more there is room for."""
    from server.usecases.sales.cancel_rates import cancel_rates

    with opened(config) as db:
        rates = cancel_rates(db)
    click.echo(f"{'CHANNEL':<16} {'ORDERS':>7} {'BY US':>6} {'RATE':>8} {'LIMIT':>7} {'ROOM':>6}  STANDING")
    for rate in rates:
        limit = "-" if rate.limit is None else f"{rate.limit / 100:g} %"
        room = "-" if rate.headroom is None else str(rate.headroom)
        counted = f"{rate.orders:>7} {rate.cancels:>6} {rate.rate:>6.2f} %"
        click.echo(f"{rate.channel:<16} {counted} {limit:>7} {room:>6}  {rate.standing}")
