"""A first start: creates everything of a plan that is not there yet, and says of each which it was."""

import base64
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

from sqlalchemy import insert, select

from server.db import people as people_rows
from server.db import sites as site_rows
from server.db import tables
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError
from server.domain.masterdata.catalog import BoxType
from server.domain.people import Role
from server.reading import BADGE_PREFIX
from server.usecases.benchwork.benches import add_bench, new_join_secret
from server.usecases.masterdata.catalogue import put_box, read_catalog
from server.usecases.staff.people import PASSWORD_MIN, add_person
from server.usecases.starting.setup_plan import BenchPlan, ChannelPlan, PersonPlan, SetupPlan
from server.usecases.starting.sites import add_channel, add_site

_OPENING = "opening_stock"
_BADGE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No letters that look like digits: a badge may have to be typed one day."""


@dataclass(frozen=True, slots=True)
class Made:
    """One thing of the plan; ``new`` is false when it was there already."""

    kind: str
    name: str
    new: bool


@dataclass(slots=True)
class SetupReport:
    """What happened, and the secrets that are shown this once: by person, bench and channel."""

    made: list[Made] = field(default_factory=list)
    badges: dict[str, str] = field(default_factory=dict)
    join_secrets: dict[str, str] = field(default_factory=dict)
    channel_secrets: dict[str, str] = field(default_factory=dict)


def set_up(db: Database, actor: Actor, plan: SetupPlan, password: str) -> SetupReport:
    """Create site, admin, people, benches, boxes and channels; what is there is left as it is.

    ``password`` is the admin's. Raise DomainError with what was expected and found; what was made before stays, and
    running again goes on from there. The schema must be in place.
    """
    report = SetupReport()
    report.made += _site(db, actor, plan)
    report.made += _admin(db, actor, plan, password)
    for person in plan.person:
        report.made.append(_person(db, actor, person, report.badges))
    for bench in plan.bench:
        report.made.append(_bench(db, actor, plan.site.code, bench, report.join_secrets))
    report.made += _boxes(db, actor, plan)
    for channel in plan.channel:
        report.made.append(_channel(db, actor, channel, report.channel_secrets))
    return report


def new_badge() -> str:
    """A badge nobody guesses: 40 bits of chance."""
    return BADGE_PREFIX + "".join(secrets.choice(_BADGE_LETTERS) for _ in range(8))


def new_channel_secret() -> str:
    """A Standard Webhooks signing secret of 256 bits."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def opening_stock_is_in(db: Database) -> bool:
    """Whether the opening stock was imported once: a second time would undo what was sold since."""
    t = tables.setting
    with db.read() as connection:
        return connection.execute(select(t.c.key).where(t.c.key == _OPENING)).first() is not None


def opening_stock_done(db: Database, actor: Actor) -> None:
    """Remember that it is in."""
    with transaction(db, actor, "opening_stock") as tx:
        tx.connection.execute(insert(tables.setting).values(key=_OPENING, value=str(tx.now)))
        tx.note("stock.opened")


def _site(db: Database, actor: Actor, plan: SetupPlan) -> Iterator[Made]:
    site = plan.site
    with db.read() as connection:
        codes = {row.code for row in site_rows.all_sites(connection)}
    if site.code not in codes:
        address = asdict(site.ship_from)
        add_site(db, actor, site.code, site.name, time_zone=site.time_zone, rank=len(codes), address=address)
    yield Made("site", f"{site.name} ({site.code}, {site.time_zone})", site.code not in codes)


def _admin(db: Database, actor: Actor, plan: SetupPlan, password: str) -> Iterator[Made]:
    admin = plan.admin
    with db.read() as connection:
        found = people_rows.by_login(connection, admin.login)
    if found is None:
        add_person(db, actor, admin.name, [Role.ADMIN], login=admin.login, password=password)
    yield Made("admin", f"{admin.name} (login {admin.login})", found is None)


def _person(db: Database, actor: Actor, person: PersonPlan, badges: dict[str, str]) -> Made:
    name = " ".join(person.name.split())
    with db.read() as connection:
        known = any(row.name == name for row in people_rows.people(connection))
    if not known:
        badge = person.badge or new_badge()
        add_person(db, actor, name, person.roles, badge)
        badges[name] = badge
    return Made("person", f"{name} ({', '.join(person.roles)})", not known)


def _bench(db: Database, actor: Actor, site_code: str, bench: BenchPlan, join_secrets: dict[str, str]) -> Made:
    with db.read() as connection:
        found = next((row for row in people_rows.benches(connection) if row.name == bench.name), None)
    if found is None:
        add_bench(db, actor, bench.name, site_code)
    if found is None or not found.token_digest:
        join_secrets[bench.name] = new_join_secret(db, actor, bench.name)
    return Made("bench", bench.name, found is None)


def _boxes(db: Database, actor: Actor, plan: SetupPlan) -> Iterator[Made]:
    with db.read() as connection:
        known = read_catalog(connection).boxes
    for box in plan.box:
        if box.code not in known:
            put_box(db, actor, BoxType(box.code, box.name, box.inner_mm, box.tare_grams))
        yield Made("box", f"{box.name} ({box.code})", box.code not in known)


def _channel(db: Database, actor: Actor, channel: ChannelPlan, channel_secrets: dict[str, str]) -> Made:
    with db.read() as connection:
        known = site_rows.channel(connection, channel.code) is not None
    if not known:
        secret = channel.secret or new_channel_secret()
        settings = {"secret": secret, "webhook_url": channel.webhook_url}
        add_channel(db, actor, channel.code, channel.name, settings)
        channel_secrets[channel.code] = secret
    return Made("channel", f"{channel.name} ({channel.code})", not known)


def check_password(password: str) -> str:
    """The password itself; raise DomainError("setup") for one that is too short."""
    if len(password) < PASSWORD_MIN:
        raise DomainError("setup", f"expected an admin password of at least {PASSWORD_MIN} characters")
    return password
