"""What a first start needs to know, as frozen values; made from questions or from a file."""

import difflib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints
from zoneinfo import ZoneInfo

import msgspec

from printing.documents import Address
from server.domain.errors import DomainError
from server.domain.people import Role
from server.typed import learnt


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePlan:
    """The building: the business day and every deadline follow its ``time_zone`` (an IANA name)."""

    code: str
    name: str
    time_zone: str
    ship_from: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminPlan:
    """Who may do everything on the pages. The password is never in a file that is kept: ``password_file`` names one."""

    name: str
    login: str
    password: str = ""
    password_file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPlan:
    """Somebody with a badge. Without ``badge`` one is made, and printed this once."""

    name: str
    roles: tuple[Role, ...]
    badge: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchPlan:
    """A packing bench."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxPlan:
    """An outer box; inner size in millimetres, tare in grams."""

    code: str
    name: str
    inner_mm: tuple[int, int, int] | None = None
    tare_grams: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPlan:
    """A shop that speaks the documented signed endpoint. Without ``secret`` one is made, and printed this once."""

    code: str
    name: str
    webhook_url: str = ""
    secret: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesPlan:
    """CSV files as `packproof import` takes them; relative to the plan's own file."""

    products: str = ""
    stock: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupPlan:
    """Everything a first start creates."""

    site: SitePlan
    admin: AdminPlan
    bench: tuple[BenchPlan, ...] = ()
    person: tuple[PersonPlan, ...] = ()
    box: tuple[BoxPlan, ...] = ()
    channel: tuple[ChannelPlan, ...] = ()
    files: FilesPlan = FilesPlan()


def read_plan(path: Path) -> SetupPlan:
    """The plan in a TOML file; raise DomainError("setup") naming the setting, what was expected and what was found."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DomainError("setup", f"{path}: {error}") from error
    for where, key, known in _strangers(table, SetupPlan, ""):
        near = difflib.get_close_matches(key, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise DomainError("setup", f"{path}: there is no setting {where}{key}; {hint}")
    try:
        plan = msgspec.convert(table, learnt(SetupPlan))
    except msgspec.ValidationError as error:
        raise DomainError("setup", f"{path}: {str(error).replace('`$.', '`')}") from error
    check_time_zone(plan.site.time_zone)
    return plan


def check_time_zone(name: str) -> str:
    """The name itself; raise DomainError("setup") for one that no calendar knows, with a near one."""
    from zoneinfo import available_timezones

    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):
        near = difflib.get_close_matches(name, available_timezones(), n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise DomainError("setup", f"expected a time zone such as America/New_York, found {name!r}{hint}") from None


def _strangers(table: Any, kind: Any, where: str) -> Iterator[tuple[str, str, list[str]]]:
    """Keys that the dataclass has not, depth first, as (path of its table, key, keys there are)."""
    if isinstance(table, list):
        for item in table:
            yield from _strangers(item, kind, where)
    if not is_dataclass(kind) or not isinstance(table, dict):
        return
    hints = get_type_hints(kind)
    known = [f.name for f in fields(kind)]
    for key, value in table.items():
        if key not in known:
            yield where, key, known
        else:
            inner = next((k for k in (hints[key], *get_args(hints[key])) if is_dataclass(k)), None)
            yield from _strangers(value, inner, f"{where}{key}.")
