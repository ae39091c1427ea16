"""A book with the five nodes of ``tests/golden/routing``, for tests with a real database."""

from typing import Any

from server.db.transaction import Database
from server.domain.masterdata.catalog import Product
from server.usecases.masterdata.catalogue import put_product
from server.usecases.routes.nodes import set_node
from server.usecases.routes.routing import set_rules
from server.usecases.starting.sites import add_channel, add_site
from server.usecases.warehouse.counting import count_on_hand
from tests.book import BOSS, SECRET
from tests.routing_cases import RULES, WORLD

BOSTON = {"name": "Zoe Quill", "lines": ["7 Hidden Lane"], "city": "Boston", "postcode": "02108", "country": "US"}
DENVER = BOSTON | {"city": "Denver", "postcode": "80202"}
HONOLULU = BOSTON | {"city": "Honolulu", "postcode": "96813"}


def open_nodes(db: Database, *, rules: str = "nearest", url: str = "") -> dict[str, int]:
    """The five nodes with products CANDLE, SOAP, TORCH; channels shop and amazon. Site ids by code."""
    sites = {}
    for rank, row in enumerate(WORLD["node"]):
        sites[row["code"]] = add_site(db, BOSS, row["code"], row["code"].title(), time_zone=row["zone"], rank=rank)
        set_node(db, BOSS, row["code"], node_data(row))
    for channel in ("shop", "amazon"):
        told = {"webhook_url": f"{url}/{channel}"} if url else {}
        add_channel(db, BOSS, channel, channel.title(), {"secret": SECRET} | told)
    for sku in ("CANDLE", "SOAP", "TORCH"):
        put_product(db, BOSS, Product(sku, sku.title()), [])
    if rules:
        set_rules(db, BOSS, ruled(rules))
    return sites


def node_data(row: dict[str, Any]) -> dict[str, Any]:
    """A node of the golden world as an administrator sets it."""
    data: dict[str, Any] = {
        "kind": row.get("kind", "own"),
        "latitude": row["place"][0],
        "longitude": row["place"][1],
    }
    data |= {"open_days": row["open"], "cut_off": row["cut_off"], "handling_cost": row["handling"]}
    return data | {"capacity_per_day": row.get("capacity", 0), "fee_basis_points": row.get("fee_basis_points", 0)}


def ruled(name: str) -> dict[str, Any]:
    """One of the golden rule sets as an administrator's data."""
    return {"name": name, "bands": RULES["bands"], **RULES["set"][name]}


def stocked(db: Database, sku: str, **levels: int) -> None:
    """Count so many units at each site."""
    for site, units in levels.items():
        count_on_hand(db, BOSS, sku, site, units)
