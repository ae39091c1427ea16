"""`packproof channels add`, and what belongs to connecting: listings, mapping, dry run, checklist, going live."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from server.cli.opening import config_option, opened, operator

if TYPE_CHECKING:
    from server.channels import Platform
    from server.db.transaction import Database
    from server.usecases.talking.lines import Lines

_PATIENCE = 30.0
"""Seconds for which a call of ours waits for a rate limit: nobody else is kept waiting by it."""
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("add", short_help="Connect a platform, or add a shop of your own.")
@click.argument("kind")
@click.argument("code", default="")
@click.argument("name", default="")
@click.option("--settings", "file", type=_FILE, help="Its settings as TOML (deploy/channels); no questions then.")
@click.option("--place", "places", multiple=True, metavar="PLACE=SITE", help="Which site a place of theirs is.")
@click.option("--webhook-url", default="", help="Of a custom shop: where it is told of stock and shipments.")
@config_option
def add_command(
    *,
    config: Path | None,
    kind: str,
    code: str,
    name: str,
    file: Path | None,
    places: tuple[str, ...],
    webhook_url: str,
) -> None:
    """Connect a channel of this KIND (shopify, amazon, ..., custom) under CODE; nothing is told until it goes live.

    Asks for its settings, checks them against the platform, names its places as our sites, imports its listings and
    maps those that have our SKU or our GTIN. Run it again to go on, or with new credentials. A custom shop gets its
    signing secret, printed this once; its orders go to POST /channels/CODE/orders.

    \b
    Examples:
      packproof channels add shopify
      packproof channels add ebay ebay-de "eBay Germany" --settings ebay.toml --place 7001=EAST
      packproof channels add custom shop "Our web shop" --webhook-url https://shop.example/packproof
    """
    from server.domain.errors import DomainError

    if kind == "custom":
        if not code or not name:
            raise DomainError(
                "invalid", "a custom shop wants a CODE and a NAME: channels add custom shop 'Our web shop'"
            )
        _add_custom(config, code, name, webhook_url)
        return
    _add_platform(config, kind, code or kind, file, name=name, places=_pairs(places))


def _add_custom(config: Path | None, code: str, name: str, webhook_url: str) -> None:
    from server.config import load_config
    from server.usecases.starting.setup import new_channel_secret
    from server.usecases.starting.sites import add_channel

    secret = new_channel_secret()
    with opened(config) as db:
        add_channel(db, operator(), code, name, {"secret": secret, "webhook_url": webhook_url})
    click.echo(f"{name} sends its orders to {load_config(config).url}/channels/{code}/orders, signed with", err=True)
    click.echo(secret)


def _add_platform(
    config: Path | None, kind: str, code: str, file: Path | None, *, name: str, places: Mapping[str, str]
) -> None:
    from server.config import load_config
    from server.trade.settings_file import read_settings
    from server.usecases.connecting import account

    platform = account.platform_kind(kind)
    settings = account.completed(platform, read_settings(file, platform.SETTINGS) if file else _ask(platform))
    with opened(config) as db, _lines(db) as lines:
        account.begin(db, operator(), kind, code, settings, name=name)
        known = account.check_account(db, operator(), lines, code)
        click.echo(f"{platform.NAME} knows us as {known.name}", err=True)
        _name_places(db, code, known.places, places, asking=file is None)
        _import(db, lines, code)
        click.echo(f"its messages go to {load_config(config).url}/channels/{code}/messages", err=True)
        if account.is_live(db, code):
            click.echo(f"{code} has new settings", err=True)
        else:
            click.echo(f"nothing is told yet; see `packproof channels checklist {code}`", err=True)


def _ask(platform: "Platform") -> dict[str, Any]:
    """Every setting, from a person at the terminal; what has a default needs only Enter."""
    found: dict[str, Any] = {}
    for each in platform.SETTINGS:
        hint = f" (such as {each.example})" if each.example else ""
        found[each.name] = str(
            click.prompt(
                f"{each.help}{hint}\n  {each.name}",
                default=each.default,
                show_default=bool(each.default),
                hide_input=each.secret,
                err=True,
            )
        ).strip()
    return {name: value for name, value in found.items() if value}


def _name_places(
    db: "Database", code: str, there: Mapping[str, str], given: Mapping[str, str], *, asking: bool
) -> None:
    from server.db import sites
    from server.usecases.connecting.account import name_places, obvious_places

    meant = dict(given) or obvious_places(db, code)
    if asking and not meant:
        with db.read() as connection:
            ours = [row.code for row in sites.all_sites(connection)]
        for place, called in there.items():
            question = f"Which site is {called} ({place})? {', '.join(ours)}; Enter: none of ours"
            choice = click.Choice([*ours, ""])
            meant[place] = click.prompt(
                question, default="", show_default=False, show_choices=False, type=choice, err=True
            )
    if meant:
        name_places(db, operator(), code, meant)
    for place, called in there.items():
        site = meant.get(place)
        says = "nobody said yet which site it is" if site is None else site or "none of ours"
        click.echo(f"place {place} ({called}): {says}", err=True)


def _import(db: "Database", lines: "Lines", code: str) -> None:
    from server.cli.channels_text import imported_lines
    from server.usecases.connecting.dry_run import dry_run
    from server.usecases.connecting.importing import import_listings

    for line in imported_lines(import_listings(db, operator(), lines, code)):
        click.echo(line)
    with db.read() as connection:
        numbers = list(dry_run(connection, db.now(), code))
    changed = sum(each.changes for each in numbers)
    click.echo(f"dry run: {len(numbers)} numbers, {changed} of them other than shown there; nothing was sent")


@contextmanager
def _lines(db: "Database") -> Iterator["Lines"]:
    from server.usecases.talking.lines import Lines

    lines = Lines(db, patience=_PATIENCE)
    try:
        yield lines
    finally:
        lines.close()


@click.command("place", short_help="Which of our sites a place of theirs is.")
@click.argument("code")
@click.argument("place")
@click.argument("site", default="")
@config_option
def place_command(config: Path | None, code: str, place: str, site: str) -> None:
    """Say which SITE a PLACE of the account is (its location, its ship node); without SITE it is none of ours.

    \b
    Example:
      packproof channels place shopify 70123456789 EAST
    """
    from server.usecases.connecting.account import name_places

    with opened(config) as db:
        name_places(db, operator(), code, {place: site})
    click.echo(f"{place} is {site or 'none of ours'}", err=True)


@click.command("import", short_help="Read its listings again.")
@click.argument("code")
@config_option
def import_command(config: Path | None, code: str) -> None:
    """Read everything the channel has on sale; what people said of a listing stays. Doing it twice changes nothing.

    A listing is mapped by our SKU, by what was taught of the channel, or by its GTIN; never by its name.
    """
    with opened(config) as db, _lines(db) as lines:
        _import(db, lines, code)


@click.command("listings", short_help="What it has on sale, and which product each is.")
@click.argument("code")
@click.option("--unmapped", "only_unmapped", is_flag=True, help="Only those of which nobody said what they are.")
@config_option
def listings_command(config: Path | None, code: str, only_unmapped: bool) -> None:
    """List what the channel has on sale: its id there, its SKU there, our product, the number it showed last."""
    from server.cli.columns import columns
    from server.cli.exceptions_text import units
    from server.db import listings
    from server.usecases.connecting.keeping import connecting, platform_channel
    from server.usecases.connecting.mapping import unmapped

    with opened(config) as db, db.read() as connection:
        row, _ = platform_channel(connection, code)
        rows = unmapped(connection, row) if only_unmapped else listings.all_of(connection, row.id)
    foreign = set(connecting(row).get("not_ours", ()))
    for each in rows:
        sku = "gone" if each.gone else each.sku or ("not ours" if each.ref in foreign else "?")
        live = units(each.live)
        click.echo(columns((each.ref, 24), (each.channel_sku, 18), (sku, 18), (live, 6), (each.title[:40], 0)))
    if not rows:
        click.echo("no listing", err=True)


@click.command("map", short_help="Say which product a listing is.")
@click.argument("code")
@click.argument("ref")
@click.argument("sku", default="")
@click.option("--not-ours", "foreign", is_flag=True, help="It is none of our products; nobody is asked again.")
@config_option
def map_command(config: Path | None, code: str, ref: str, sku: str, foreign: bool) -> None:
    """Say that the listing REF (its id there, or its SKU there) is our product SKU. Its number goes out at once.

    Orders that were held because nobody knew what the channel's SKU means go on by themselves.

    \b
    Examples:
      packproof channels map etsy 1092 CANDLE
      packproof channels map etsy 1093 --not-ours
    """
    from server.domain.errors import DomainError
    from server.usecases.connecting.mapping import map_listing, not_ours

    if foreign == bool(sku):
        raise DomainError("invalid", "expected a SKU, or --not-ours")
    with opened(config) as db:
        done = not_ours(db, operator(), code, ref) if foreign else map_listing(db, operator(), code, ref, sku)
    click.echo(f"{done.ref} ({done.channel_sku or 'no SKU'}) is {sku or 'none of ours'}", err=True)
    for taken in done.settled:
        click.echo(f"order {taken.order} goes on", err=True)


@click.command("dry-run", short_help="The numbers it would be told now.")
@click.argument("code")
@config_option
def dry_run_command(config: Path | None, code: str) -> None:
    """Show every number the channel would be told now beside the one it showed last; = where they are the same.

    Nothing is sent.
    """
    from server.cli.channels_text import number_lines
    from server.usecases.connecting.dry_run import dry_run

    with opened(config) as db, db.read() as connection:
        for line in number_lines(dry_run(connection, db.now(), code)):
            click.echo(line)


@click.command("checklist", short_help="What must be done before it goes live.")
@click.argument("code")
@click.option("--done", "done", multiple=True, metavar="ITEM", help="You have done this one; kept with your name.")
@click.option("--undo", "undone", multiple=True, metavar="ITEM", help="It is not done after all.")
@config_option
@click.pass_context
def checklist_command(
    ctx: click.Context, config: Path | None, code: str, done: tuple[str, ...], undone: tuple[str, ...]
) -> None:
    """Show the checklist of a channel that is to go live; exit code 1 while something is open.

    \b
    Example:
      packproof channels checklist shopify --done allocation --done service
    """
    from server.cli.channels_text import checklist_lines
    from server.usecases.connecting.checklist import checklist, confirm, still_open

    with opened(config) as db:
        for name in done:
            confirm(db, operator(), code, name)
        for name in undone:
            confirm(db, operator(), code, name, done=False)
        with db.read() as connection:
            items = checklist(connection, code)
    for line in checklist_lines(items):
        click.echo(line)
    if still_open(items):
        ctx.exit(1)


@click.command("go-live", short_help="Begin: numbers go out, orders come in.")
@click.argument("code")
@click.option("--override", default="", metavar="REASON", help="Why it must go live with open items; audited.")
@config_option
def go_live_command(config: Path | None, code: str, override: str) -> None:
    """Tell the channel its numbers and take its orders from now on. Refused while its checklist has open items.

    Launch mode begins: `packproof channels launch CODE` shows the first two weeks day by day.
    """
    from server.usecases.connecting.going_live import go_live

    with opened(config) as db:
        overridden = go_live(db, operator(), code, override)
    click.echo(f"{code} is live", err=True)
    for item in overridden:
        click.echo(f"overridden: {item.name}: {item.says}", err=True)


def _pairs(texts: tuple[str, ...]) -> dict[str, str]:
    from server.domain.errors import DomainError

    found = {}
    for text in texts:
        place, equals, site = text.rpartition("=")
        if not equals or not place:
            raise DomainError("invalid", f"--place: expected PLACE=SITE, found {text[:60]!r}")
        found[place] = site
    return found


COMMANDS = (
    add_command,
    place_command,
    import_command,
    listings_command,
    map_command,
    dry_run_command,
    checklist_command,
    go_live_command,
)
