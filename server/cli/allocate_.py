"""`packproof allocate`: who may sell how much of what, and what is withheld."""

import json
from pathlib import Path
from typing import Any

import click

from server.cli.allocation_text import one_rule, one_sku, one_withheld, outcome_lines
from server.cli.opening import config_option, opened, operator
from server.domain.errors import DomainError
from server.domain.sharing.allocation_rules import Kind

_SCOPE = (
    click.option("--sku", default="", help="For this product."),
    click.option("--group", default="", help="For the products of this category."),
    click.option("--all", "everything", is_flag=True, help="For every product."),
)
_DRY = click.option("--dry-run", is_flag=True, help="Change nothing; show every channel's number before and after.")
_OVER = click.option("--over-allocate", is_flag=True, help="Let the parts exceed the stock.")


def scope_options(command: Any) -> Any:
    """--sku, --group, --all."""
    for option in reversed(_SCOPE):
        command = option(command)
    return command


@click.group("allocate", short_help="Shares, buffers, caps: what each channel may sell.")
def allocate_command() -> None:
    """Say how much of what each channel may sell and is shown. Every change is effective at once.

    A channel draws on the common pool unless it has a share (sells only that), an equal part, or a reserve (so much is
    protected for it). Buffers, hold-backs, caps and withdrawals only lower the number it is shown.
    """


@allocate_command.command("show", short_help="The rules, or one product's numbers and reasons.")
@click.argument("sku", default="")
@click.option("--json", "as_json", is_flag=True, help="JSON.")
@config_option
def show_command(config: Path | None, sku: str, as_json: bool) -> None:
    """List all rules; with a SKU, each channel's number with every unit explained.

    \b
    Examples:
      packproof allocate show
      packproof allocate show CANDLE
    """
    from server.usecases.sharing import allocation_views as views

    with opened(config) as db, db.read() as connection:
        if sku:
            shown = views.sku_shown(views.look_at(connection, db.now(), sku))
            click.echo(json.dumps(shown) if as_json else "\n".join(one_sku(shown)))
            return
        rules = [views.rule_shown(rule) for rule in views.rules_now(connection)]
    for rule in rules:
        click.echo(json.dumps(rule) if as_json else one_rule(rule))
    if not rules:
        click.echo("no rules: every channel is shown what is available", err=True)


@allocate_command.command("set", short_help="One rule: a share, a buffer, a cap ...")
@click.argument("kind", type=click.Choice([kind.value for kind in Kind]), metavar="KIND")
@click.argument("amount", default="")
@scope_options
@click.option("--channel", default="", help="For this channel; without it for every one.")
@click.option("--from", "starts", default="", help="Local time from which it holds: 2026-11-27 or '2026-11-27 08:00'.")
@click.option("--until", "ends", default="", help="Local time at which it ends.")
@click.option("--zone", default="", help="Time zone of both; else that of the first site.")
@click.option("--least", type=int, default=0, help="Of a dynamic buffer: never fewer units.")
@click.option("--most", type=int, default=1_000_000, help="Of a dynamic buffer: never more units.")
@click.option("--reason", default="", help="Why, for the audit.")
@_DRY
@_OVER
@config_option
def set_command(config: Path | None, kind: str, amount: str, dry_run: bool, over_allocate: bool, **told: Any) -> None:
    """Make one rule; it takes the place of the one for the same products, channel, purpose and dates.

    KIND is shared, equal, share, reserve, hold_back, buffer, dynamic, cap or withdraw; AMOUNT is units, or a
    percentage in quotes.

    \b
    Examples:
      packproof allocate set buffer "10 %" --all
      packproof allocate set share 30 --sku CANDLE --channel amazon --dry-run
      packproof allocate set buffer 20 --all --from 2026-11-27 --until 2026-12-01 --zone America/New_York
    """
    from server.domain.sharing.buffers import Formula
    from server.usecases.sharing.allocation import set_rule
    from server.usecases.sharing.allocation_plans import RuleWish

    scope = _scope(told)
    formula = Formula(least=told.pop("least"), most=told.pop("most"))
    wish = RuleWish(
        kind=Kind(kind), amount=amount or None, formula=formula if kind == Kind.DYNAMIC else None, **scope, **told
    )
    with opened(config) as db:
        outcome = set_rule(db, operator(), wish, dry_run=dry_run, over_allocation=over_allocate)
        _tell(outcome, dry_run)


@allocate_command.command("plan", short_help="Put a whole plan from a file to work.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_DRY
@_OVER
@config_option
def plan_command(config: Path | None, file: Path, dry_run: bool, over_allocate: bool) -> None:
    """Read plans from a TOML file; each takes the place of all rules of its products and dates, and counts from now.

    \b
    Example of a file:
      [[plan]]
      sku = "CANDLE"            # or group = "wax"; neither: every product
      hold_back = 5
      [plan.channels.amazon]
      share = 30                # or reserve, equal = true; units, or "40 %"
      [plan.channels.etsy]
      cap = 10
      withdraw_below = 8
    """
    from server.usecases.sharing.allocation import put_plan
    from server.usecases.sharing.allocation_plans import read_plan_file

    plans = read_plan_file(file.read_bytes())
    with opened(config) as db:
        _tell(put_plan(db, operator(), plans, dry_run=dry_run, over_allocation=over_allocate), dry_run)


@allocate_command.command("end", short_help="End rules by their numbers.")
@click.argument("rules", type=click.IntRange(1, 2**31 - 1), nargs=-1, required=True, metavar="NUMBER...")
@_DRY
@config_option
def end_command(config: Path | None, rules: tuple[int, ...], dry_run: bool) -> None:
    """These rules hold no longer."""
    from server.usecases.sharing.allocation import end_rules

    with opened(config) as db:
        _tell(end_rules(db, operator(), rules, dry_run=dry_run), dry_run)


@allocate_command.command("restart", short_help="Let shares count from now on.")
@scope_options
@config_option
def restart_command(config: Path | None, **told: Any) -> None:
    """Shares and reserves count from now on, from the units there are now; what channels took before is forgotten."""
    from server.domain.sharing.plans import Scope
    from server.usecases.sharing.allocation import restart

    scope = _scope(told)
    named = [frozenset({name} - {""}) for name in (scope["sku"], scope["group"])]
    with opened(config) as db:
        restart(db, operator(), Scope(not any(named), *named))
    click.echo("shares count from now on", err=True)


@allocate_command.command("withheld", short_help="Units that are there and not shown, and why.")
@click.argument("sku", default="")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@config_option
def withheld_command(config: Path | None, sku: str, as_json: bool) -> None:
    """List every unit that is there and not shown to a channel: SKU, units, channels, rule, who made it, why."""
    from server.usecases.sharing.allocation_views import withheld

    with opened(config) as db, db.read() as connection:
        for line in withheld(connection, db.now(), [sku] if sku else None):
            click.echo(json.dumps(line._asdict()) if as_json else one_withheld(line._asdict()))


def _scope(told: dict[str, Any]) -> dict[str, str]:
    """Take the scope out of the options; exactly one of the three is given."""
    sku, group, everything = told.pop("sku"), told.pop("group"), told.pop("everything")
    if sum(map(bool, (sku, group, everything))) != 1:
        raise DomainError("invalid", "expected one of --sku, --group and --all")
    return {"sku": sku, "group": group}


def _tell(outcome: Any, dry_run: bool) -> None:
    from server.usecases.sharing.allocation_views import outcome_shown

    for line in outcome_lines(outcome_shown(outcome)):
        click.echo(line)
    click.echo("nothing was changed" if dry_run else "it holds from now on", err=True)
