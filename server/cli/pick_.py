"""`packproof pick`: totes and short picks."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.cli.opening import config_option, opened, operator
from server.cli.order_ref import order_named
from server.domain.errors import DomainError

if TYPE_CHECKING:
    from server.usecases.picks.short_pick import ShortPick


@click.group("pick", short_help="Totes, and shelves that were short.")
def pick_command() -> None:
    """What happens between the shelf and the bench: which tote carries which order, and what to do when a shelf holds
    less than the book says."""


@pick_command.command("bind", short_help="This slip lies in this tote.")
@click.argument("slip")
@click.argument("tote")
@config_option
def bind_command(config: Path | None, slip: str, tote: str) -> None:
    """Bind an order, or a whole single-item wave, to the tote that carries it. A bench then opens it by the tote.

    \b
    Examples:
      packproof pick bind 1043 PPT-17
      packproof pick bind PPW-12 PPT-18
    """
    from server.usecases.picks.totes import bind

    with opened(config) as db:
        bound = bind(db, operator(), slip, tote)
    click.echo(f"tote {bound.tote} carries {', '.join(bound.numbers)}", err=True)


@pick_command.command("tote", short_help="What lies in a tote.")
@click.argument("tote")
@config_option
def tote_command(config: Path | None, tote: str) -> None:
    """List the orders that lie in a tote, with what is true of each.

    \b
    Example:
      packproof pick tote PPT-17
    """
    from server.usecases.picks.totes import inside

    with opened(config) as db, db.read() as connection:
        rows = inside(connection, tote)
    for row in rows:
        click.echo(f"{row.number:<12} {row.status:<10} {f'wave {row.wave_id}' if row.wave_id else ''}".rstrip())
    if not rows:
        click.echo("it is empty", err=True)


@pick_command.command("empty", short_help="What lay in a tote was put back.")
@click.argument("tote")
@config_option
def empty_command(config: Path | None, tote: str) -> None:
    """Free a tote whose goods went back to their shelves, so that it may carry another order.

    \b
    Example:
      packproof pick empty PPT-17
    """
    from server.usecases.picks.totes import empty

    with opened(config) as db:
        count = empty(db, operator(), tote)
    click.echo(f"{count} order{'' if count == 1 else 's'} left the tote", err=True)


@pick_command.command("short", short_help="A shelf held less than the book said.")
@click.argument("sku")
@click.option("--found", required=True, type=click.IntRange(0, 10**9), help="Units that were there for it in all.")
@click.option("--wave", default="", metavar="WAVE", help="They were fetched for this wave ...")
@click.option("--order", "ref", default="", metavar="ORDER", help="... or for this order alone.")
@click.option("--lot", help="Only this lot; without it, whatever lots are held.")
@config_option
def short_command(  # noqa: PLR0917 - one for each option
    config: Path | None, sku: str, found: int, wave: str, ref: str, lot: str | None
) -> None:
    """Write off what is missing, also what was still for sale from that shelf, and send the orders another way: other
    stock here, the rest from another site, the whole order from another site, or back to wait for stock. A label that
    was bought is marked to be voided unless the order stays here whole.

    \b
    Examples:
      packproof pick short SOAP --wave 12 --found 3
      packproof pick short SOAP --order 1043 --found 0 --lot L-7
    """
    from server.usecases.picks.short_pick import Found, short_in_wave, short_of_order
    from server.usecases.picks.waves import wave_number

    if bool(wave) == bool(ref):
        raise DomainError("invalid", "expected either --wave or --order")
    with opened(config) as db:
        what = Found(sku, found, lot)
        if wave:
            done = short_in_wave(db, operator(), wave_number(wave), what)
        else:
            done = short_of_order(db, operator(), order_named(db, ref).id, what)
    _show(done)


@pick_command.command("site-down", short_help="A site cannot ship: its orders leave elsewhere.")
@click.argument("site")
@click.option("--reason", default="", help="Why, for the audit.")
@config_option
def down_command(config: Path | None, site: str, reason: str) -> None:
    """Take a site out of the network at once: nothing more is promised from it, and every order that is not packed
    there is routed again. What is packed still leaves from its dock.

    \b
    Example:
      packproof pick site-down WEST --reason "no power"
    """
    from server.usecases.routes.site_down import set_active

    with opened(config) as db:
        done = set_active(db, operator(), site, False, reason)
    lost = f"; no stock elsewhere for {', '.join(done.lost)}" if done.lost else ""
    click.echo(f"{site} is down: {done.moved} orders leave from other sites{lost}", err=True)


@pick_command.command("site-up", short_help="A site ships again.")
@click.argument("site")
@config_option
def up_command(config: Path | None, site: str) -> None:
    """Put a site back into the network: its stock is sold and new orders are routed to it.

    \b
    Example:
      packproof pick site-up WEST
    """
    from server.usecases.routes.site_down import set_active

    with opened(config) as db:
        set_active(db, operator(), site, True)
    click.echo(f"{site} ships again", err=True)


def _show(done: "ShortPick") -> None:
    off = done.written
    unsold = f" and {off.unsold} that were for sale" if off.unsold else ""
    click.echo(f"{off.missing} of {done.sku} at {done.site}{unsold} written off", err=True)
    for each in done.rerouted:
        click.echo(f"{each.number:<12} {each.remedy:<6} {each.part}".rstrip())
