"""What routing knows of a site: whose it is, where, when it ships, how much a day and at what cost (LOC-04)."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Row, func, select, update

from server.db import sites, stale, tables
from server.db.routing import node_of_row
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError
from server.domain.routes.nodes import Duty, Node
from server.usecases.booking.reference import raise_version, reference
from server.usecases.routes.geography import place_of
from server.usecases.starting.sites import put_site

_s, _b = tables.site, tables.bench
COLUMNS = ("name", "kind", "rank", "active", "country", "postcode", "latitude", "longitude", "time_zone")


class NodeShown(NamedTuple):
    """A site as people read it; ``cut_off`` is "" where an order may come until midnight."""

    node: Node
    name: str
    cut_off: str


def set_node(db: Database, actor: Actor, code: str, changes: Mapping[str, Any]) -> Node:
    """Change some of a node: columns of the site (name, kind, rank, active, country, postcode, latitude, longitude,
    time_zone) and what ``domain.nodes.node_of`` reads. A postcode without coordinates is looked up.

    Raise DomainError("not_found" | "bad_node" | "bad_calendar" | "has_benches").
    """
    with transaction(db, actor, "set_node") as tx:
        return _set(tx, sites.by_code(tx.connection, code), changes)


def add_node(db: Database, actor: Actor, code: str, name: str, changes: Mapping[str, Any]) -> Node:
    """A new site with what ``set_node`` may change of it, all or nothing; raise as it does, and "invalid" | "taken"."""
    with transaction(db, actor, "add_node") as tx:
        put_site(tx, code, name, time_zone=str(changes.get("time_zone", "UTC")))
        return _set(tx, sites.by_code(tx.connection, code), changes)


def list_nodes(db: Database) -> list[NodeShown]:
    """Every site by rank."""
    with db.read() as connection:
        rows = sites.all_sites(connection)
    return [NodeShown(node_of_row(row), row.name, str(row.node.get("cut_off", ""))) for row in rows]


def _set(tx: Transaction, row: Row[Any], changes: Mapping[str, Any]) -> Node:
    columns = {key: changes[key] for key in COLUMNS if key in changes}
    others = {key: value for key, value in changes.items() if key not in COLUMNS}
    columns["node"] = {k: v for k, v in (dict(row.node) | others).items() if v is not None}
    columns |= _placed(tx, row, columns)
    tx.connection.execute(update(_s).where(_s.c.id == row.id).values(**_checked(columns)))
    after = tx.connection.execute(select(_s).where(_s.c.id == row.id)).one()
    node = node_of_row(after)
    _check_benches(tx, node)
    raise_version(tx)
    if (row.active, row.time_zone) != (after.active, after.time_zone):
        stale.everything(tx)
    tx.note("node.changed", dict(changes), site=row.id)
    return node


def check_duty(row: Row[Any], duty: Duty) -> None:
    """Raise DomainError("wrong_node") where this is not done at the site: a third party has no benches of ours."""
    node = node_of_row(row)
    if not node.has(duty):
        raise DomainError(
            "wrong_node", f"site {row.code} is {node.kind.value}: it has no {duty.value.replace('_', ' ')}"
        )


def _placed(tx: Transaction, row: Row[Any], columns: Mapping[str, Any]) -> dict[str, Any]:
    if not {"country", "postcode"} & set(columns) or "latitude" in columns:
        return {}
    country = str(columns.get("country", row.country)).upper()
    postcode = str(columns.get("postcode", row.postcode))
    place = place_of(tx.connection, country, postcode, reference(tx.connection, tx.now).version)
    if place is None:
        raise DomainError(
            "bad_node",
            f"postcode {postcode[:16]!r} of {country[:2]!r} is not known: import a postcode file, or give coordinates",
        )
    return {"country": country, "latitude": place[0], "longitude": place[1]}


def _checked(columns: dict[str, Any]) -> dict[str, Any]:
    kinds: dict[str, tuple[type, ...]] = {
        "name": (str,),
        "kind": (str,),
        "rank": (int,),
        "active": (bool,),
        "country": (str,),
        "postcode": (str,),
        "time_zone": (str,),
        "latitude": (int, float),
        "longitude": (int, float),
    }
    for key, expected in kinds.items():
        found = columns.get(key)
        if key in columns and (not isinstance(found, expected) or (isinstance(found, bool) and key != "active")):
            raise DomainError("bad_node", f"{key}: expected {expected[-1].__name__}, found {found!r}"[:200])
    name = columns.get("name", "-")
    if not 0 < len(name) <= 120 or not name.isprintable():
        raise DomainError("bad_node", f"name: expected 1 to 120 printable characters, found {name[:40]!r}")
    if abs(columns.get("latitude", 0)) > 90 or abs(columns.get("longitude", 0)) > 180:
        raise DomainError("bad_node", "expected a latitude from -90 to 90 and a longitude from -180 to 180")
    if len(columns.get("country", "")) > 2 or len(columns.get("postcode", "")) > 16:
        raise DomainError("bad_node", "expected a country of two letters and a postcode of at most 16 characters")
    return columns


def _check_benches(tx: Transaction, node: Node) -> None:
    if node.has(Duty.BENCH):
        return
    query = select(func.count()).select_from(_b).where(_b.c.site_id == node.site_id, _b.c.revoked.is_(False))
    benches = int(tx.connection.execute(query).scalar_one())
    if benches:
        raise DomainError(
            "has_benches", f"site {node.code} has {benches} benches; revoke them before it is {node.kind}"
        )
