"""`packproof carriers`: who takes parcels; their accounts, what they can do and what they ask."""

from pathlib import Path

import click

from server.cli.carriers_pickup import pickup_command
from server.cli.opening import config_option, opened, operator

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_PORT = 8480


@click.group("carriers", short_help="Carrier accounts: add, check, quote, retire, try out.")
def carriers_command() -> None:
    """Carriers: whose labels are bought, with your own accounts and at their own prices.

    \b
    Examples:
      packproof carriers add easypost --settings easypost.toml
      packproof carriers quote 94107 500
    """


carriers_command.add_command(pickup_command)


@carriers_command.command("list", short_help="All carriers.")
@config_option
def list_command(config: Path | None) -> None:
    """List the carriers: code, provider, state, what still works without internet, name.

    Own vans are there from the start. A carrier whose last check was refused is "denied".
    """
    from server.cli.carriers_text import list_lines
    from server.usecases.shipping.keeping import overview

    with opened(config) as db, db.read() as connection:
        found = overview(connection)
    click.echo("\n".join(list_lines(found)))


@carriers_command.command("add", short_help="Add a carrier, or give it new settings.")
@click.argument("provider")
@click.argument("code", default="")
@click.argument("name", default="")
@click.option("--settings", "file", type=_FILE, help="Its settings as TOML (deploy/carriers).")
@click.option("--max-grams", type=click.IntRange(1), help="What a parcel may weigh with it.")
@config_option
def add_command(
    *, config: Path | None, provider: str, code: str, name: str, file: Path | None, max_grams: int | None
) -> None:
    """Add a carrier of this PROVIDER under CODE, which orders and dock lanes name. The carrier is asked first: what it
    does not let in is not added. Run it again with new settings; parcels it has keep their labels.

    \b
    Examples:
      packproof carriers add easypost --settings easypost.toml
      packproof carriers add own_van city-vans "City vans" --settings vans.toml --max-grams 25000
    """
    from server.carriers import Account, capabilities, settings_of
    from server.cli.carriers_text import can_lines, leave_line
    from server.trade.settings_file import read_settings
    from server.usecases.shipping.keeping import ask_who, put_account

    code = code or provider.replace("_", "-")
    settings = read_settings(file, settings_of(provider)) if file else {}
    with opened(config) as db:
        called = ask_who(db, Account(code, name or code, provider, max_grams, settings))
        kept = put_account(db, operator(), code, provider, settings, name=name, max_grams=max_grams)
    click.echo(leave_line(code, called), err=True)
    for line in can_lines(code, capabilities(kept)):
        click.echo(line, err=True)


@carriers_command.command("check", short_help="Does it let us in, and what can it do?")
@click.argument("code")
@config_option
def check_command(config: Path | None, code: str) -> None:
    """Ask the carrier, at no cost, whether it lets us in; say what it can do, and what works without internet."""
    from server.carriers import capabilities
    from server.cli.carriers_text import can_lines, leave_line
    from server.usecases.shipping.accounts import account
    from server.usecases.shipping.keeping import check

    with opened(config) as db:
        called = check(db, operator(), code)
        with db.read() as connection:
            found = account(connection, code)
    click.echo(leave_line(code, called))
    for line in can_lines(code, capabilities(found)):
        click.echo(line)


@carriers_command.command("quote", short_help="What each would ask for a parcel.")
@click.argument("postcode")
@click.argument("grams", type=click.IntRange(1))
@click.option("--country", default="", help="Two letters; the site's own without it.")
@click.option("--site", default="", help="Where it leaves from; not needed with one site.")
@click.option("--size", metavar="LxWxH", help="In millimetres, as 300x200x150.")
@click.option("--carrier", "code", default="", help="Ask only this one.")
@config_option
def quote_command(
    *, config: Path | None, postcode: str, grams: int, country: str, site: str, size: str | None, code: str
) -> None:
    """Ask every carrier what it would take for a parcel of GRAMS to POSTCODE. Nothing is bought; ! is a guaranteed day.

    \b
    Example:
      packproof carriers quote 94107 500 --size 300x200x150
    """
    from printing.documents import Address
    from server.cli.carriers_text import quote_lines
    from server.trade.shipping import Consignment
    from server.usecases.masterdata.handling import size_of
    from server.usecases.shipping.trying import from_site, try_quotes

    with opened(config) as db:
        home = from_site(db, site)
        # Carriers price by postcode; the street only has to be one.
        to = Address("Quote", lines=("General Delivery",), postcode=postcode, country=country or home.country)
        sides = size_of(size) if size else None
        asked = Consignment(ship_from=home, ship_to=to, weight_grams=grams, size_mm=sides)
        for line in quote_lines(try_quotes(db, asked, code)):
            click.echo(line)


@carriers_command.command("retire", short_help="Send nothing new with it.")
@click.argument("code")
@config_option
def retire_command(config: Path | None, code: str) -> None:
    """Take no new parcels with a carrier; those it has are tracked and voided as before."""
    from server.usecases.shipping.keeping import set_active

    with opened(config) as db:
        set_active(db, operator(), code, active=False)
    click.echo(f"{code} takes no new parcels; `packproof carriers activate {code}` undoes it", err=True)


@carriers_command.command("activate", short_help="Send with it again.")
@click.argument("code")
@config_option
def activate_command(config: Path | None, code: str) -> None:
    """Take new parcels with a retired carrier again."""
    from server.usecases.shipping.keeping import set_active

    with opened(config) as db:
        set_active(db, operator(), code, active=True)
    click.echo(f"{code} takes parcels", err=True)


@carriers_command.command("simulate", short_help="A simulated EasyPost to try it on.")
@click.option("--port", type=click.IntRange(1, 65_000), default=_PORT, show_default=True, help="Where it listens.")
@click.option(
    "--dir", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path("carriers-data"),
    show_default=True, help="Where easypost.toml is written, for `carriers add easypost --settings`.",
)  # fmt: skip
@click.option("--deliver-to", default="", metavar="URL", help="Where its tracking messages go.")
@click.option("--loss", type=click.FloatRange(0, 1), default=0.0, help="Share of messages that never arrive.")
@click.option("--twice", type=click.FloatRange(0, 1), default=0.0, help="Share of messages that come twice.")
@click.option("--delay", type=click.FloatRange(0, 3600), default=0.0, help="Seconds by which they are late at most.")
@click.option("--faults", type=click.FloatRange(0, 1), default=0.0, help="Share of calls that fail, some after it.")
@click.option("--seed", type=int, default=1, show_default=True, help="What goes wrong, and when.")
def simulate_command(
    *,
    port: int,
    folder: Path,
    deliver_to: str,
    loss: float,
    twice: float,
    delay: float,
    faults: float,
    seed: int,
) -> None:
    """Run a simulated EasyPost on this machine, in EasyPost's own protocol, until Ctrl-C. Its labels are worth nothing.

    It has a control in JSON: POST /_/advance (a parcel's next step), /_/refund, /_/refuse, /_/parcels, /_/faults.

    \b
    Example:
      packproof carriers simulate --deliver-to http://127.0.0.1:8440/api/carriers/easypost/events --twice 0.1
    """
    from server.cli.carriers_simulated import run
    from server.simulated.platforms.serve import Delivery

    run(port, folder, Delivery(deliver_to, loss, twice, delay), faults=faults, seed=seed)
