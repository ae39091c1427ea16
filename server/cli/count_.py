"""`packproof count`: a person counts a shelf."""

from pathlib import Path

import click

from server.cli.goods_text import consequences, json_option, key_option, tell, units_of
from server.cli.opening import config_option, opened, operator


@click.command("count", short_help="Write what lies on a shelf.")
@click.argument("site")
@click.argument("line", metavar="SKU=UNITS")
@click.option("--lot", default="", help="The lot that was counted.")
@click.option("--reason", default="cycle count", show_default=True, help="Why it was counted.")
@click.option("--expected", type=click.IntRange(0), help="What --look said: refused if the shelf moved since.")
@click.option("--look", is_flag=True, help="Only say what should be there; UNITS is ignored.")
@key_option
@json_option
@config_option
def count_command(
    *,
    config: Path | None,
    site: str,
    line: str,
    lot: str,
    reason: str,
    expected: int | None,
    look: bool,
    key: str,
    as_json: bool,
) -> None:
    """Count what lies on the shelf, and only that: units in totes and boxes are known and added.

    Fewer than were promised: the worst ranked orders give way by the conflict policy, and an incident says which.

    \b
    Examples:
      packproof count EAST CANDLE=17
      packproof count EAST CREAM=4 --lot B0317 --reason "looked short"
    """
    from server.usecases.warehouse.counting import begin_count, count_shelf

    sku, units = units_of(line)
    with opened(config) as db:
        if look:
            seen = begin_count(db, sku, site, lot=lot)
            tell(seen, f"{sku} at {site}: {seen['expected']} should be on the shelf, {seen['away']} are away", as_json)
            return
        found = count_shelf(db, operator(), sku, site, units, lot=lot, reason=reason, expected=expected, key=key)
    tell(found, f"{sku} at {site}: {found['before']} in the book before, {found['after']} now", as_json)
    consequences(found)
