"""A rule set from data (JSON or TOML, already decoded); every mistake names its place and the words allowed."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from server.domain.errors import DomainError
from server.domain.routes.geography import postcode_key
from server.domain.routes.routing_rules import EVERYTHING, NEGATED, YES_NO, Band, Rule, RuleKind, RuleSet, Scope

_SCOPE_SETS = ("channels", "countries", "services", "skus", "categories")
_SCOPE_NUMBERS = ("value_from", "value_below")
_RULE_KEYS = frozenset(f.name for f in fields(Rule)) - {"rule_id", "scope"} | {"id", "when"}
_BAND_KEYS = frozenset({"km", "days", "cost", "service", "node"})
_LARGEST = 1e12
_SET_KEYS = frozenset({"name", "rules", "bands"})
_SCOPE_KEYS = frozenset({*_SCOPE_SETS, *_SCOPE_NUMBERS, "postcodes"})
_NEEDS_NODES = (RuleKind.PRIORITY, RuleKind.PINNED)
_NEEDS_LIMIT = (
    frozenset(RuleKind)
    - YES_NO
    - {
        RuleKind.CUT_OFF,
        RuleKind.PRIORITY,
        RuleKind.RESTRICTION,
        RuleKind.COMPLETENESS,
    }
)


def read_rule_set(data: Mapping[str, Any], site_ids: Mapping[str, int], version: int = 0) -> RuleSet:
    """Check and build a rule set; ``site_ids`` by node code.

    Raise DomainError("bad_rule") with the place (``rules[2].when.skus``), what was expected and what was found.
    """
    _known_keys(data, _SET_KEYS, "the rule set")
    rules = [_rule(row, f"rules[{i}]", site_ids) for i, row in enumerate(_rows(data, "rules"))]
    twice = sorted({r.rule_id for r in rules if sum(r.rule_id == other.rule_id for other in rules) > 1})
    if twice:
        raise _bad("rules", f"expected an id of its own for each rule, found {twice[0]!r} more than once")
    bands = tuple(_band(row, f"bands[{i}]", site_ids) for i, row in enumerate(_rows(data, "bands")))
    return RuleSet(version, _text(data, "name", "the rule set"), tuple(rules), bands)


def _rule(row: Mapping[str, Any], where: str, site_ids: Mapping[str, int]) -> Rule:
    _known_keys(row, _RULE_KEYS, where)
    rule_id = _text(row, "id", where)
    if not rule_id or len(rule_id) > 64 or not rule_id.isprintable():
        raise _bad(f"{where}.id", f"expected 1 to 64 characters, found {rule_id[:40]!r}")
    kind = _kind(row.get("kind"), f"{where}.kind")
    strict = row.get("strict", kind is RuleKind.PINNED)
    if not isinstance(strict, bool):
        raise _bad(f"{where}.strict", f"expected true or false, found {_shown(strict)}")
    rule = Rule(
        rule_id=rule_id,
        kind=kind,
        tier=int(_number(row, "tier", where, 1, whole=True)),
        name=_text(row, "name", where),
        scope=_scope(row.get("when", {}), f"{where}.when"),
        nodes=tuple(_site(code, f"{where}.nodes", site_ids) for code in _list(row, "nodes", where)),
        weight=_number(row, "weight", where, 1.0, least=0),
        step=_number(row, "step", where, 0.0, least=0),
        limit=_number(row, "limit", where, 0.0) if row.get("limit") is not None else None,
        strict=strict,
        permits=_list(row, "permits", where),
        forbids=_list(row, "forbids", where),
        parts=int(_number(row, "parts", where, 0, whole=True, least=0)),
        starts=_moment(row, "starts", where),
        ends=_moment(row, "ends", where),
    )
    _check_whole(rule, where)
    return rule


def _check_whole(rule: Rule, where: str) -> None:
    if rule.kind in _NEEDS_NODES and not rule.nodes:
        raise _bad(f"{where}.nodes", f"expected at least one node for {rule.kind}, found none")
    if rule.strict and rule.kind in _NEEDS_LIMIT and rule.limit is None:
        word = "at least" if rule.kind in NEGATED else "at most"
        raise _bad(f"{where}.limit", f"expected a number ({rule.kind} {word} so much) for a strict rule, found none")
    if (rule.permits or rule.forbids) and rule.kind is not RuleKind.RESTRICTION:
        raise _bad(where, f"permits and forbids belong to a restriction, found them on {rule.kind}")
    if rule.strict and rule.kind is RuleKind.COMPLETENESS:
        raise _bad(
            f"{where}.strict",
            "expected a weight (0 lets orders be split early): whether a split may be is the channel's word",
        )


def _scope(data: Any, where: str) -> Scope:
    if not isinstance(data, Mapping):
        raise _bad(where, f"expected a table, found {_shown(data)}")
    _known_keys(data, _SCOPE_KEYS, where)
    if not data:
        return EVERYTHING
    sets = {name: frozenset(_list(data, name, where)) for name in _SCOPE_SETS}
    numbers = {
        name: int(_number(data, name, where, 0, whole=True)) if data.get(name) is not None else None
        for name in _SCOPE_NUMBERS
    }
    sets["countries"] = frozenset(country.upper() for country in sets["countries"])
    postcodes = tuple(postcode_key("", p) for p in _list(data, "postcodes", where))
    if not all(postcodes):
        raise _bad(f"{where}.postcodes", "expected the beginnings of postcodes, found an empty one")
    return Scope(postcodes=postcodes, **sets, **numbers)  # type: ignore[arg-type]


def _band(row: Mapping[str, Any], where: str, site_ids: Mapping[str, int]) -> Band:
    _known_keys(row, _BAND_KEYS, where)
    node = _text(row, "node", where)
    return Band(
        km=_number(row, "km", where, None, least=0),
        days=_number(row, "days", where, 0.0, least=0),
        cost=int(_number(row, "cost", where, 0, whole=True, least=0)),
        service=_text(row, "service", where),
        site_id=_site(node, f"{where}.node", site_ids) if node else 0,
    )


def _rows(data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    rows = data.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise _bad(key, f"expected a list of tables, found {_shown(rows)}")
    return rows


def _kind(found: Any, where: str) -> RuleKind:
    try:
        return RuleKind(found)
    except ValueError as error:
        raise _bad(where, f"expected one of {', '.join(RuleKind)}, found {_shown(found)}") from error


def _site(code: str, where: str, site_ids: Mapping[str, int]) -> int:
    if code not in site_ids:
        raise _bad(where, f"expected one of {', '.join(sorted(site_ids)) or 'no node yet'}, found {code[:40]!r}")
    return site_ids[code]


def _text(row: Mapping[str, Any], key: str, where: str) -> str:
    found = row.get(key, "")
    if not isinstance(found, str):
        raise _bad(f"{where}.{key}", f"expected text, found {_shown(found)}")
    return found.strip()


def _list(row: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    found = row.get(key, [])
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise _bad(f"{where}.{key}", f"expected a list of texts, found {_shown(found)}")
    return tuple(item.strip() for item in found)


def _number(
    row: Mapping[str, Any],
    key: str,
    where: str,
    missing: float | None,
    *,
    whole: bool = False,
    least: float | None = None,
) -> float:
    found: Any = row.get(key, missing)
    right = isinstance(found, int if whole else (int, float)) and not isinstance(found, bool)
    if not right or not abs(found) < _LARGEST or (least is not None and found < least):
        what = ("a whole number" if whole else "a number") + (f" from {least:g}" if least is not None else "")
        raise _bad(f"{where}.{key}", f"expected {what}, found {_shown(found)}")
    return float(found)


def _moment(row: Mapping[str, Any], key: str, where: str) -> float | None:
    found = row.get(key)
    if found is None:
        return None
    try:
        at = datetime.fromisoformat(found) if isinstance(found, str) else found
        if isinstance(at, datetime) and at.tzinfo is not None:
            return at.timestamp()
    except ValueError:
        pass
    raise _bad(f"{where}.{key}", f"expected a time like 2026-11-27T00:00:00+01:00, found {_shown(found)}")


def _known_keys(row: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    allowed = sorted(known)
    for key in row:
        if key not in allowed:
            near = get_close_matches(key, allowed, 1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise _bad(where, f"expected {', '.join(allowed)}, found {key[:40]!r}{hint}")


def _shown(found: Any) -> str:
    return repr(found)[:60]


def _bad(where: str, detail: str) -> DomainError:
    return DomainError("bad_rule", f"{where}: {detail}")
