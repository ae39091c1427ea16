"""`packproof wave`: which orders are picked together, and their lists."""

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.cli.clocks import when
from server.cli.opening import config_option, opened, operator
from server.domain.errors import DomainError

if TYPE_CHECKING:
    from server.db.transaction import Database
    from server.usecases.picks.waves import Wanted, WaveMade

_SITE = click.option("--site", metavar="CODE", required=True, help="Where they are picked.")
_ORDERS = click.option("--orders", default=40, show_default=True, type=click.IntRange(1, 1000), help="Most in a wave.")
_UNITS = click.option("--units", default=200, show_default=True, type=click.IntRange(1, 100_000), help="Most to carry.")
_UNTIL = click.option(
    "--until", metavar="TIME", default="", help="Only what leaves by then, in this machine's time: 2026-03-04T17:00."
)
_CARRIER = click.option("--carrier", default="", metavar="CODE", help="Only this carrier's.")
_WAVE = click.argument("wave", metavar="WAVE")


@click.group("wave", short_help="Gather orders into walks; print pick lists.")
def wave_command() -> None:
    """Waves: ready orders of one site gathered by truck, priority and mix, single-item orders apart. An order in a
    wave opens at a bench once it is picked. Sites that make no waves lose nothing: there, reserved is ready."""


@wave_command.command("plan", short_help="What would be made now; changes nothing.")
@_SITE
@_ORDERS
@_UNITS
@_UNTIL
@_CARRIER
@config_option
def plan_command(  # noqa: PLR0917 - one for each option
    config: Path | None, site: str, orders: int, units: int, until: str, carrier: str
) -> None:
    """Show the waves that `packproof wave make` would make now.

    \b
    Example:
      packproof wave plan --site EAST
    """
    from server.usecases.picks.waves import plan_waves

    with opened(config) as db:
        _show(plan_waves(db, _wanted(site, orders, units, until, carrier)), _zone(db, site))


@wave_command.command("make", short_help="Give ready orders to waves.")
@_SITE
@_ORDERS
@_UNITS
@_UNTIL
@_CARRIER
@config_option
def make_command(  # noqa: PLR0917 - one for each option
    config: Path | None, site: str, orders: int, units: int, until: str, carrier: str
) -> None:
    """Give every ready order of a site that is not in a wave to one: the earliest truck first.

    \b
    Examples:
      packproof wave make --site EAST --until 2026-03-04T17:00
      packproof wave make --site EAST --carrier own-van --orders 12
    """
    from server.usecases.picks.waves import make_waves

    with opened(config) as db:
        _show(make_waves(db, operator(), _wanted(site, orders, units, until, carrier)), _zone(db, site))


@wave_command.command("list", short_help="Waves that are being picked.")
@click.option("--all", "everything", is_flag=True, help="Those that are over too.")
@config_option
def list_command(config: Path | None, everything: bool) -> None:
    """List waves, the nearest truck first: number, site, carrier, mix, picked of all orders, when it leaves."""
    from server.usecases.picks.waves import list_waves

    with opened(config) as db:
        rows = list_waves(db, open_only=not everything)
    if rows:
        heading = f"{'SITE':<8} {'CARRIER':<14} {'MIX':<7} {'PICKED':>7}  {'STATE':<9} LEAVES"
        click.echo(f"{'WAVE':>6}  {heading}")
    for row in rows:
        due = when(row.cutoff_at, row.time_zone)
        count = f"{row.picked}/{row.orders}"
        click.echo(f"{row.id:>6}  {row.site_code:<8} {row.carrier:<14} {row.mix:<7} {count:>7}  {row.state:<9} {due}")
    if not rows:
        click.echo("nothing is being picked", err=True)


@wave_command.command("print", short_help="The pick list as PDF.")
@_WAVE
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file; without it, standard output.")
@click.option("--paper", type=click.Choice(["a4", "letter"]), default="a4", show_default=True, help="Paper size.")
@config_option
def print_command(config: Path | None, wave: str, out: Path | None, paper: str) -> None:
    """Write what is still to be fetched for a wave, along the shelves, with a slip for each tote.

    \b
    Examples:
      packproof wave print 12 --out wave-12.pdf
      packproof wave print 12 | lp
    """
    from server.usecases.picks.picking import pick_list_pdf
    from server.usecases.picks.waves import wave_number

    with opened(config) as db:
        body = pick_list_pdf(db, wave_number(wave), paper="letter" if paper == "letter" else "a4")
    if out is not None:
        out.write_bytes(body)
        click.echo(f"{out} is written", err=True)
    elif sys.stdout.isatty():
        raise DomainError("invalid", "a PDF is not for a terminal: give --out FILE or pipe it to a printer")
    else:
        sys.stdout.buffer.write(body)


@wave_command.command("done", short_help="Everything of it was fetched.")
@_WAVE
@config_option
def done_command(config: Path | None, wave: str) -> None:
    """Say that a wave was fetched: all its orders open at a bench. Binding its last tote says the same.

    \b
    Example:
      packproof wave done 12
    """
    from server.usecases.picks.waves import finish_wave, wave_number

    with opened(config) as db:
        finish_wave(db, operator(), wave_number(wave))
    click.echo(f"wave {wave} is done: its orders are ready to be packed", err=True)


@wave_command.command("cancel", short_help="Nobody picks it; its orders are free.")
@_WAVE
@config_option
def cancel_command(config: Path | None, wave: str) -> None:
    """Give up a wave: orders that are not in a tote yet may join another one, or go straight to a bench.

    \b
    Example:
      packproof wave cancel 12
    """
    from server.usecases.picks.waves import cancel_wave, wave_number

    with opened(config) as db:
        cancel_wave(db, operator(), wave_number(wave))
    click.echo(f"wave {wave} is cancelled", err=True)


@wave_command.command("layout", short_help="How a site's aisles are walked.")
@click.argument("site")
@click.option("--serpentine/--same-way", default=False, help="Every second aisle backwards, or each from its start.")
@click.option(
    "--aisle-parts", default=1, show_default=True, help="Parts of a bin that name its aisle: 1 is A of A-03-2."
)
@config_option
def layout_command(config: Path | None, site: str, serpentine: bool, aisle_parts: int) -> None:
    """Set the order in which pick lists of a site visit its shelves, from the next list on.

    \b
    Example:
      packproof wave layout EAST --serpentine
    """
    from server.domain.picks.picking import Layout
    from server.usecases.picks.picking import set_layout

    with opened(config) as db:
        set_layout(db, operator(), site, Layout(serpentine, aisle_parts))
    click.echo(f"{site}: {'every second aisle is walked backwards' if serpentine else 'all aisles one way'}", err=True)


def _wanted(site: str, orders: int, units: int, until: str, carrier: str) -> "Wanted":
    from server.domain.picks.waves import Limits
    from server.usecases.picks.waves import Wanted

    return Wanted(site, Limits(orders, units), _moment(until), carrier)


def _moment(text: str) -> float | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).astimezone().timestamp()
    except ValueError as error:
        raise DomainError("invalid", f"--until: expected a time like 2026-03-04T17:00, found {text[:40]!r}") from error


def _zone(db: "Database", site: str) -> str:
    from server.db import sites

    with db.read() as connection:
        return str(sites.by_code(connection, site).time_zone)


def _show(made: "Sequence[WaveMade]", time_zone: str) -> None:
    if made:
        click.echo(f"{'WAVE':>6}  {'CARRIER':<14} {'MIX':<7} {'UNITS':>5}  {'LEAVES':<19} ORDERS")
    for wave in made:
        name = f"{wave.wave_id}" if wave.wave_id is not None else "-"
        named = ", ".join(wave.numbers[:5]) + (f" and {len(wave.numbers) - 5} more" if len(wave.numbers) > 5 else "")
        due = when(wave.due, time_zone)
        click.echo(f"{name:>6}  {wave.carrier:<14} {wave.mix:<7} {wave.units:>5}  {due:<19} {named}")
    if not made:
        click.echo("no ready order is free for a wave", err=True)
