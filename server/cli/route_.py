"""`packproof route`: which node ships an order, by which rules, and why."""

import json
from pathlib import Path

import click

from server.cli.data_file import FILE, read_data
from server.cli.opening import config_option, opened, operator
from server.cli.order_ref import order_named
from server.cli.refusal import one_line
from server.domain.errors import DomainError


@click.group("route", short_help="Which node ships an order, by which rules, and why.")
def route_command() -> None:
    """Routing rules, decisions, what channels allow. Every change counts from the next order on; old decisions keep
    their rules."""


@route_command.command("rules", short_help="Show the rules, try new ones, or put them in force.")
@click.argument("file", type=FILE, required=False)
@click.option("--dry-run", is_flag=True, help="Change nothing; show what would have been different.")
@click.option("--past", default=100, show_default=True, type=click.IntRange(1, 5000), help="So many past orders.")
@click.option("--reason", default="", help="Why they change.")
@config_option
def rules_command(*, config: Path | None, file: Path | None, dry_run: bool, past: int, reason: str) -> None:
    """FILE is TOML or JSON with rules and bands (the tariff); without it the rules in force are printed as JSON.

    \b
    Examples:
      packproof route rules
      packproof route rules new.toml --dry-run --past 500
      packproof route rules new.toml --reason "the west is open"
    """
    from server.usecases.routes import routing

    with opened(config) as db:
        if file is None:
            with db.read() as connection:
                version, rules = routing.rules_in_force(connection)
            click.echo(f"version {version}", err=True)
            click.echo(json.dumps(rules, indent=2))
            return
        data = read_data(file)
        if not dry_run:
            click.echo(f"version {routing.set_rules(db, operator(), data, reason)} is in force", err=True)
            return
        trial = routing.try_rules(db, data, past)
    for each in trial.differences:
        click.echo(f"{each.order:<10} {each.before}  ->  {each.after}")
    click.echo(
        f"{len(trial.differences)} of {trial.orders} orders differ; split {trial.split_before} -> {trial.split_after}, "
        f"waiting {trial.waiting_before} -> {trial.waiting_after}; nothing was changed",
        err=True,
    )


@route_command.command("why", short_help="Why an order is where it is.")
@click.argument("order")
@config_option
def why_command(config: Path | None, order: str) -> None:
    """Print the decision about an order: the node, then every other node with its reason, then overrides."""
    from server.usecases.routes.routing import why

    with opened(config) as db:
        found = order_named(db, order)
        with db.read() as connection:
            lines = why(connection, found.id)
    for line in lines:
        click.echo(one_line(line))


@route_command.command("send", short_help="Send an order to another node, with a reason.")
@click.argument("order")
@click.argument("site")
@click.option("--reason", required=True, help="Why the rules are wrong about this one.")
@config_option
def send_command(config: Path | None, order: str, site: str, reason: str) -> None:
    """Send ORDER to SITE against the rules; restrictions are obeyed all the same. The same rule overridden often opens
    an incident. Whoever has a terminal on the server counts as its administrator; people use the pages or the API.

    \b
    Example:
      packproof route send 1043 WEST --reason "EAST is snowed in"
    """
    from server.domain.people import Role
    from server.usecases.routes.overriding import override

    with opened(config) as db:
        found = order_named(db, order)
        done = override(db, operator(), {Role.ADMIN}, found.id, site, reason)
    click.echo(f'order {done.order} goes from {done.from_site or "nowhere"} to {done.to_site}, not by "{done.rule}"')
    if done.review is not None:
        click.echo(f"this rule is overridden often: incident {done.review} asks for a review", err=True)


@route_command.command("where", short_help="Where all orders are; it must add up.")
@click.option("--waiting", "exceptions", is_flag=True, help="List those that wait, the oldest first.")
@config_option
def where_command(config: Path | None, exceptions: bool) -> None:
    """Every order is at a node, waiting or closed. Leaves with exit code 2 when one is lost."""
    from server.usecases.routes import routing

    with opened(config) as db, db.read() as connection:
        found = routing.whereabouts(connection)
        listed = routing.exceptions(connection) if exceptions else []
    for title, counts in (("at", found.at_node), ("waiting", found.waiting), ("closed", found.closed)):
        for name, n in sorted(counts.items()):
            click.echo(f"{title:<8} {name:<24} {n:>8}")
    click.echo(f"{'received':<33} {found.received:>8}")
    for row in listed:
        click.echo(f"{row['order']:<10} {row['channel']:<12} {row['because'] or row['status']:<20} {row['routing']}")
    if not found.adds_up:
        raise DomainError("lost_orders", f"{found.lost} orders are nowhere: expected each at a node, waiting or closed")


@route_command.command("review", short_help="How many overrides of a rule call for a review.")
@click.option("--after", default=3, show_default=True, help="Overrides of one rule.")
@click.option("--days", default=30, show_default=True, help="Within so many days.")
@config_option
def review_command(config: Path | None, after: int, days: int) -> None:
    """Set when an incident asks whether a rule should stay as it is."""
    from server.usecases.routes.overriding import set_review

    with opened(config) as db:
        set_review(db, operator(), after, days)
    click.echo(f"{after} overrides of one rule within {days} days open an incident", err=True)


@route_command.command("channel", short_help="What a channel allows and promises.")
@click.argument("code")
@click.argument("file", type=FILE, required=False)
@click.option("--split/--no-split", default=None, help="Whether an order may come in several parcels.")
@config_option
def channel_command(config: Path | None, code: str, file: Path | None, split: bool | None) -> None:
    """Change what a channel allows and promises. FILE is TOML or JSON with a list `promise`: service, handling_days,
    time_zone, open_days, closed, cut_off, packing_profile, carrier_service.

    \b
    Examples:
      packproof route channel shop --split
      packproof route channel amazon amazon.toml --no-split
    """
    from server.usecases.routes import promises

    if split is None and file is None:
        raise DomainError("invalid", "expected FILE, --split or --no-split; found nothing to change")
    with opened(config) as db:
        if split is not None:
            promises.set_split(db, operator(), code, split)
            parcels = "may come in several parcels" if split else "come in one parcel"
            click.echo(f"{code}: orders {parcels}", err=True)
        if file is not None:
            promised = read_data(file).get("promise", [])
            promises.set_promise(db, operator(), code, promised)
            click.echo(f"{code}: {len(promised)} promises are in force", err=True)


@route_command.command("postcodes", short_help="Import a GeoNames postal code file.")
@click.argument("file", type=FILE)
@config_option
def postcodes_command(config: Path | None, file: Path) -> None:
    """FILE is a country's .txt from https://download.geonames.org/export/zip/ (CC BY 4.0); the United States need none.

    \b
    Example:
      packproof route postcodes DE.txt
    """
    from server.usecases.routes.geography import import_postcodes

    with opened(config) as db, file.open(encoding="utf-8-sig") as lines:
        try:
            found = import_postcodes(db, operator(), lines)
        except UnicodeDecodeError as error:
            raise DomainError("bad_postcode_file", f"expected UTF-8, found {error}") from error
    for country, n in found.items():
        click.echo(f"{country} {n} postcodes")


@route_command.command("file", short_help="The orders a third party shall ship, as JSON lines.")
@click.argument("site")
@config_option
def file_command(config: Path | None, site: str) -> None:
    """Print the orders that are ready at somebody else's warehouse, one JSON object a line, with addresses."""
    from server.usecases.routes.order_files import order_file

    with opened(config) as db:
        listed = order_file(db, operator(), site)
    for each in listed:
        click.echo(json.dumps(each))
