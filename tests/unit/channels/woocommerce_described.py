"""Requests and answers held against the route index and the JSON Schemas of a real WooCommerce 9.9.5.

WordPress's schemas are draft 4 with words of their own: a boolean ``required``, types ``mixed`` and ``date-time``,
``readonly`` and ``context``. Routes it does not have (plugins, WooCommerce 10) are counted, not checked.
"""

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft4Validator  # type: ignore[import-untyped]

from server.simulated.platforms.base import Ask, Said
from tests.described import description, document
from tests.sparing import Sparing

_SCHEMAS = {
    r"/wc/v3/orders": "/wc/v3/orders/{id}",
    r"/wc/v3/orders/\d+": "/wc/v3/orders/{id}",
    r"/wc/v3/orders/\d+/notes": "/wc/v3/orders/{id}/notes",
    r"/wc/v3/orders/\d+/refunds": "/wc/v3/orders/{id}/refunds",
    r"/wc/v3/products": "/wc/v3/products/{id}",
    r"/wc/v3/products/\d+/variations": "/wc/v3/products/{id}/variations",
    r"/wc/v3/products/batch": "/wc/v3/products/{id}",
    r"/wc/v3/products/\d+/variations/batch": "/wc/v3/products/{id}/variations",
    r"/wc/v3/webhooks(/\d+)?": "/wc/v3/webhooks",
}
_NULLS = frozenset({"stock_quantity", "parent_name", "image", "sku"})
"""The shop answers null here, whatever its schema says."""

_EVERYWHERE = frozenset({"_fields"})
"""WordPress's own, on every route."""

_UNLISTED = {"refunds": frozenset({"line_items"})}
"""Documented in prose (woocommerce-rest-api-docs, Create a refund) and absent from the arguments."""


_ID = {"type": "integer"}
_ROWS = 5
"""Rows of one answer that are checked: they come from the same hand."""

_sparing = Sparing()

_VALIDATORS: dict[int, Any] = {}
"""By schema; the documents live as long as the tests."""


def described() -> None:
    """Skip the test where the description is absent."""
    for name in ("wc-v3-routes.json", "wc-v3-options-schemas.json"):
        description("woocommerce", name)


@dataclass
class Watch:
    """Give it to ``transport``: every pair is checked as it passes."""

    checked: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    blind: bool = False
    """The description is not here: nothing is checked, and the test that is about it is skipped."""

    def __post_init__(self) -> None:
        try:
            described()
        except pytest.skip.Exception:
            self.blind = True

    def __call__(self, ask: Ask, said: Said) -> None:
        if self.blind:
            return
        path = "/" + ask.path.partition("/wp-json")[2].strip("/")
        arguments = _arguments(path, ask.method)
        name = f"{ask.method} {re.sub(r'[0-9]{2,}', '*', path)}"
        if arguments is None:
            self.unknown[name] += 1
            return
        self.checked[name] += 1
        _check_query(ask, path, arguments)
        if not _sparing.due(ask, said):
            return
        if ask.body:
            _check_body(ask, path, arguments)
        if said.status // 100 == 2:
            _check_answer(ask, said, path)


def _check_query(ask: Ask, path: str, arguments: dict[str, Any]) -> None:
    for name, value in ask.query:
        if name in _EVERYWHERE or name.startswith("oauth_"):
            continue
        assert name in arguments, f"{ask.method} {path}: there is no parameter {name}"
        schema = arguments[name]
        typed: Any = value
        if schema.get("type") == "array":
            typed = [int(v) if schema["items"].get("type") == "integer" else v for v in value.split(",")]
        elif schema.get("type") == "integer":
            typed = int(value)
        elif schema.get("type") == "boolean":
            typed = {"true": True, "false": False}[value]
        _valid(typed, schema, f"{path}?{name}")


def _check_body(ask: Ask, path: str, arguments: dict[str, Any]) -> None:
    assert "json" in ask.headers["content-type"]
    body = ask.json()
    if path.endswith("/batch"):
        assert set(body) <= {"create", "update", "delete"}
        for row in body["update"][:_ROWS]:
            known = {**arguments, "id": _ID}
            _check_fields(row, known, f"{path}.update")
        return
    exempt = _UNLISTED.get(path.rpartition("/")[2], frozenset())
    _check_fields({k: v for k, v in body.items() if k not in exempt}, arguments, path)


def _check_fields(row: dict[str, Any], known: dict[str, Any], where: str) -> None:
    assert not row.keys() - known.keys(), f"{where}: there is no {sorted(row.keys() - known.keys())}"
    for name, value in row.items():
        _valid(value, known[name], f"{where}.{name}")


def _check_answer(ask: Ask, said: Said, path: str) -> None:
    schema = next(_schema(name) for pattern, name in _SCHEMAS.items() if re.fullmatch(pattern, path))
    found = json.loads(said.body)
    rows = found["update"] if path.endswith("/batch") else found if isinstance(found, list) else [found]
    for row in rows[:_ROWS]:
        if "error" not in row:
            _valid(row, schema, f"answer of {ask.method} {path}")
            strange = row.keys() - schema["properties"].keys() - {"_links"}
            assert not strange, f"{path}: the real one shows no {sorted(strange)}"


def _valid(value: Any, schema: dict[str, Any], where: str) -> None:
    validator = _VALIDATORS.get(id(schema)) or _VALIDATORS.setdefault(id(schema), Draft4Validator(_plain(schema)))
    errors = [f"{'/'.join(map(str, e.path))}: {e.message}" for e in validator.iter_errors(value)]
    assert not errors, f"{where}: {errors[:3]}"


@cache
def _routes() -> dict[str, Any]:
    found: dict[str, Any] = document(description("woocommerce", "wc-v3-routes.json"))["routes"]
    return found


@cache
def _schema(name: str) -> dict[str, Any]:
    found = document(description("woocommerce", "wc-v3-options-schemas.json"))[name]["schema"]
    schema: dict[str, Any] = found
    return schema


@cache
def _arguments(path: str, method: str) -> dict[str, Any] | None:
    for pattern, route in _routes().items():
        if re.fullmatch(pattern, path):
            for endpoint in route["endpoints"]:
                if method in endpoint["methods"]:
                    return dict(endpoint["args"])
    return None


def _plain(schema: Any, name: str = "") -> Any:
    """Without the words that only WordPress knows."""
    if not isinstance(schema, dict):
        return schema
    kept = {k: v for k, v in schema.items() if k in ("enum", "minimum", "maximum", "items", "properties", "type")}
    kind = kept.get("type")
    if kind == "mixed" or kind is None:
        kept.pop("type", None)
    elif kind == "date-time" or str(name).startswith("date_"):
        kept["type"] = ["string", "null"]
    elif name in _NULLS:
        kept["type"] = [kind, "null"] if isinstance(kind, str) else kind
    if isinstance(kept.get("properties"), dict):
        kept["properties"] = {key: _plain(value, key) for key, value in kept["properties"].items()}
    if "items" in kept:
        kept["items"] = _plain(kept["items"])
    return kept
