"""Rules of rates from data (JSON or TOML, already decoded); every mistake names its place and what was expected."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from server.domain.errors import DomainError
from server.domain.rates.rules import ANY, ChannelRule, Limit, Rules
from server.domain.rates.values import RANKED, Level
from server.domain.rates.zones import PREFIX

_TOP = frozenset({"currency", "default", "deadline_seconds", "cached_days", "channels", "levels", "services", "limits"})
_CHANNEL = frozenset({"shop", "ways", "economy", "expedite", "default"})
_MOST = ("max_grams", "max_side_mm", "max_girth_mm")
_PLACES = ("only_to", "never_to")
_LIMIT = frozenset({"way", "skus", "channels", *_MOST, *_PLACES})
_LARGEST = 10**9
_LONGEST = 96
T = TypeVar("T")


def read_rules(data: Mapping[str, Any], version: int = 0) -> Rules:
    """Check and build; ``accounts`` are left empty. Raise DomainError("bad_rate_rule")."""
    _known(data, _TOP, "the rules")
    currency = _text(data, "currency", "the rules", "USD")
    if len(currency) != 3 or not currency.isascii() or not currency.isupper():
        raise _bad("currency", f"expected three capital letters as USD, found {currency!r}")
    return Rules(
        version=version,
        currency=currency,
        default=_text(data, "default", "the rules"),
        deadline_seconds=_number(data.get("deadline_seconds", 2.5), "deadline_seconds", 0.1, 30),
        cached_days=int(_number(data.get("cached_days", 14), "cached_days", 0, 365)),
        channels=_table(data, "channels", _channel),
        levels={word.strip().lower(): level for word, level in _table(data, "levels", _level).items()},
        services=_table(data, "services", _level),
        limits=tuple(_limit(row, f"limits[{n}]") for n, row in enumerate(_rows(data.get("limits", []), "limits"))),
    )


def named_accounts(rules: Rules) -> dict[str, str]:
    """Every account the rules name, with the place where."""
    named = {rules.default: "default"} if rules.default else {}
    for code, channel in rules.channels.items():
        ways = dict.fromkeys(channel.ways, f"channels.{code}.ways")
        named |= ways | ({channel.default: f"channels.{code}.default"} if channel.default else {})
    named |= dict.fromkeys(rules.services, "services")
    named |= {limit.way: f"limits[{n}].way" for n, limit in enumerate(rules.limits) if limit.way != ANY}
    return {way.partition("/")[0]: place for way, place in named.items()}


def _channel(row: Any, where: str) -> ChannelRule:
    _known(row, _CHANNEL, where)
    return ChannelRule(
        shop=_flag(row, "shop", where, False),
        ways=_texts(row, "ways", where),
        economy=_flag(row, "economy", where, False),
        expedite=_flag(row, "expedite", where, True),
        default=_text(row, "default", where),
    )


def _limit(row: Any, where: str) -> Limit:
    _known(row, _LIMIT, where)
    most = {name: int(_number(row[name], f"{where}.{name}", 1, _LARGEST)) for name in _MOST if name in row}
    only, never = (tuple(_place(text, f"{where}.{name}") for text in _texts(row, name, where)) for name in _PLACES)
    if not (most or only or never):
        raise _bad(where, f"expected at least one of {', '.join([*_MOST, *_PLACES])}, found none")
    return Limit(
        way=_text(row, "way", where, ANY),
        max_grams=most.get("max_grams"),
        max_side_mm=most.get("max_side_mm"),
        max_girth_mm=most.get("max_girth_mm"),
        only_to=only,
        never_to=never,
        skus=_texts(row, "skus", where),
        channels=_texts(row, "channels", where),
    )


def _place(text: str, where: str) -> str:
    place = text.upper()
    country, part = place[:2], place[2:]
    good = len(country) == 2 and country.isascii() and country.isalpha()
    short = part.startswith(":") and 1 <= len(part) - 1 <= PREFIX
    if not good or not (not part or short or (part.startswith("-") and len(part) > 1)):
        raise _bad(where, f"expected US, US-HI or US:967 (at most {PREFIX} letters of a postcode), found {text!r}")
    return place


def _level(value: Any, where: str) -> Level:
    try:
        return Level(value)
    except ValueError as error:
        raise _bad(where, f"expected one of {', '.join(RANKED)}, found {_shown(value)}") from error


def _table(data: Mapping[str, Any], name: str, read: Callable[[Any, str], T]) -> dict[str, T]:
    rows = data.get(name, {})
    if not isinstance(rows, Mapping):
        raise _bad(name, f"expected a table, found {_shown(rows)}")
    return {_word(key, name): read(row, f"{name}.{key}") for key, row in rows.items()}


def _rows(rows: Any, where: str) -> list[Any]:
    if not isinstance(rows, list):
        raise _bad(where, f"expected a list, found {_shown(rows)}")
    return rows


def _known(row: Any, keys: frozenset[str], where: str) -> None:
    if not isinstance(row, Mapping):
        raise _bad(where, f"expected a table, found {_shown(row)}")
    odd = sorted(str(key) for key in row if key not in keys)
    if odd:
        raise _bad(where, f"expected {', '.join(sorted(keys))}, found {_shown(odd[0])}")


def _text(row: Mapping[str, Any], name: str, where: str, otherwise: str = "") -> str:
    return _word(row[name], f"{where}.{name}") if name in row else otherwise


def _texts(row: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    return tuple(_word(text, f"{where}.{name}") for text in _rows(row.get(name, []), f"{where}.{name}"))


def _word(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.isprintable() or len(value) > _LONGEST:
        raise _bad(where, f"expected a text of at most {_LONGEST} characters, found {_shown(value)}")
    return value


def _flag(row: Mapping[str, Any], name: str, where: str, otherwise: bool) -> bool:
    value = row.get(name, otherwise)
    if not isinstance(value, bool):
        raise _bad(f"{where}.{name}", f"expected true or false, found {_shown(value)}")
    return value


def _number(value: Any, where: str, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise _bad(where, f"expected a number from {least:g} to {most:g}, found {_shown(value)}")
    return value


def _shown(value: Any) -> str:
    return repr(value)[:60]


def _bad(where: str, what: str) -> DomainError:
    return DomainError("bad_rate_rule", f"{where}: {what}")
