"""`packproof receive`: goods come in."""

from pathlib import Path

import click

from server.cli.goods_text import bill_of, incoming_of, json_option, key_option, tell, units_of
from server.cli.opening import config_option, opened, operator


@click.group("receive", short_help="Goods come in, from suppliers or back from buyers.")
def receive_command() -> None:
    """Goods come in. What is received may be sold at once.

    \b
    Examples:
      packproof receive goods EAST CANDLE=24 SOAP=12 --ref PO-7
      packproof receive lot EAST CREAM=40 --lot B0317 --expires 2027-03-31
      packproof receive return EAST CANDLE=1 --order 1043 --reason "wrong colour"
    """


@receive_command.command("goods", short_help="A delivery of products without lots.")
@click.argument("site")
@click.argument("lines", nargs=-1, required=True, metavar="SKU=UNITS...")
@click.option("--ref", default="", help="The purchase order or advice it belongs to.")
@key_option
@json_option
@config_option
def goods_command(*, config: Path | None, site: str, lines: tuple[str, ...], ref: str, key: str, as_json: bool) -> None:
    """Book a delivery: all of it or nothing.

    \b
    Example:
      packproof receive goods EAST CANDLE=24 SOAP=12 --ref PO-7
    """
    from server.usecases.warehouse.receiving import receive_goods

    given = [incoming_of(sku, units, "", "", ()) for sku, units in bill_of(lines).items()]
    with opened(config) as db:
        found = receive_goods(db, operator(), site, given, ref=ref, key=key)
    tell(found, f"received at {site}: {', '.join(lines)}", as_json)


@receive_command.command("lot", short_help="A delivery of one lot, or with serial numbers.")
@click.argument("site")
@click.argument("line", metavar="SKU=UNITS")
@click.option("--lot", default="", help="The lot on the goods.")
@click.option("--expires", default="", metavar="YYYY-MM-DD", help="Its date; a known lot needs none.")
@click.option("--serial", "serials", multiple=True, help="One for each unit.")
@click.option("--ref", default="", help="The purchase order or advice it belongs to.")
@key_option
@json_option
@config_option
def lot_command(
    *,
    config: Path | None,
    site: str,
    line: str,
    lot: str,
    expires: str,
    serials: tuple[str, ...],
    ref: str,
    key: str,
    as_json: bool,
) -> None:
    """Book units of one lot, or units with serial numbers.

    \b
    Examples:
      packproof receive lot EAST CREAM=40 --lot B0317 --expires 2027-03-31
      packproof receive lot EAST LAMP=2 --serial A1 --serial A2
    """
    from server.usecases.warehouse.receiving import receive_goods

    sku, units = units_of(line)
    given = incoming_of(sku, units, lot, expires, serials)
    with opened(config) as db:
        found = receive_goods(db, operator(), site, [given], ref=ref, key=key)
    tell(found, f"received at {site}: {line}{f' of lot {lot}' if lot else ''}", as_json)


@receive_command.command("return", short_help="Goods back from a buyer, fit for sale.")
@click.argument("site")
@click.argument("line", metavar="SKU=UNITS")
@click.option("--order", help="The order they left with; never more than it sent.")
@click.option("--reason", required=True, help="Why they came back.")
@click.option("--lot", default="", help="The lot on the goods.")
@click.option("--serial", "serials", multiple=True, help="One for each unit.")
@key_option
@json_option
@config_option
def return_command(
    *,
    config: Path | None,
    site: str,
    line: str,
    order: str | None,
    reason: str,
    lot: str,
    serials: tuple[str, ...],
    key: str,
    as_json: bool,
) -> None:
    """Put units that came back on the shelf again. What cannot be sold stays out of the book.

    \b
    Example:
      packproof receive return EAST CANDLE=1 --order 1043 --reason "wrong colour"
    """
    from server.cli.order_ref import order_named
    from server.usecases.warehouse.receiving import take_back

    sku, units = units_of(line)
    given = incoming_of(sku, units, lot, "", serials)
    with opened(config) as db:
        order_id = order_named(db, order).id if order else None
        found = take_back(db, operator(), site, [given], order_id=order_id, reason=reason, key=key)
    tell(found, f"back at {site}: {line}", as_json)


@receive_command.command("advise", short_help="Goods are on their way from a supplier.")
@click.argument("ref")
@click.argument("site")
@click.argument("lines", nargs=-1, required=True, metavar="SKU=UNITS...")
@click.option("--expected", type=click.DateTime(), help="When, in this machine's time.")
@config_option
def advise_command(*, config: Path | None, ref: str, site: str, lines: tuple[str, ...], expected: object) -> None:
    """Say what is on its way under a reference; the same reference again replaces the quantities.

    \b
    Example:
      packproof receive advise PO-7 EAST CANDLE=240 --expected 2027-03-31
    """
    from datetime import datetime

    from server.usecases.warehouse.receiving import advise

    at = expected.timestamp() if isinstance(expected, datetime) else None
    with opened(config) as db:
        advise(db, operator(), ref, site, bill_of(lines), expected_at=at)
    click.echo(f"{ref} is expected at {site}", err=True)
