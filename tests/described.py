"""Requests and answers held against a platform's official OpenAPI description.

The descriptions are not part of the project: they are read from PACKPROOF_SPECS, or from shared/specs beside the
project; a test that needs one that is absent is skipped, and says so.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from server.simulated.platforms.base import Ask, Said


def description(*parts: str) -> Path:
    """The path of a file of the descriptions; the test is skipped where it is absent."""
    root = os.environ.get("PACKPROOF_SPECS")
    places = [Path(root)] if root else [Path(__file__).parents[2] / "shared" / "specs"]
    for place in places:
        found = place.joinpath(*parts)
        if found.exists():
            return found
    pytest.skip(f"the official description {'/'.join(parts)} is not here: set PACKPROOF_SPECS to its folder")


@cache
def document(path: Path) -> dict[str, Any]:
    """A JSON or YAML file."""
    text = path.read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text) if path.suffix == ".json" else yaml.load(text, yaml.CSafeLoader)
    return found


_LONG = 4000
ROWS = 4
"""Rows of each list in an answer that are checked: they come from the same hand."""


def _few(value: Any) -> Any:
    if isinstance(value, list):
        return [_few(each) for each in value[:ROWS]]
    return {name: _few(each) for name, each in value.items()} if isinstance(value, dict) else value


class _Request:
    def __init__(self, ask: Ask, host: str, path: str) -> None:
        self.host_url, self.path, self.method = host, path, ask.method.lower()
        self.body: bytes | None = ask.body or None
        self.content_type = ask.headers.get("content-type", "application/json")
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(list(ask.query)), header=Headers(list(ask.headers.items())), path={}
        )
        self.parameters.cookie = ImmutableMultiDict()


class _Response:
    def __init__(self, said: Said) -> None:
        self.data: bytes | None = said.body
        if "json" in said.headers.get("content-type", "") and len(said.body) > _LONG:
            self.data = json.dumps(_few(json.loads(said.body))).encode()
        self.status_code = said.status
        self.headers = dict(said.headers)
        self.content_type = said.headers.get("content-type", "application/json")


class Described:
    """One OpenAPI 3 document. ``base`` is the path before its own paths, where it is not in the request's."""

    def __init__(self, raw: Mapping[str, Any], strip: str = "") -> None:
        self._raw, self._strip = dict(raw) | {"servers": [{"url": "http://described"}], "security": []}, strip
        for operation in self._operations():
            operation.pop("security", None)
            for parameter in operation.get("parameters", []):
                # "null" as the default of what may not be null: the parameter would be refused where it is left out.
                if parameter.get("schema", {}).get("default", 0) is None:
                    del parameter["schema"]["default"]
        self._api = OpenAPI.from_dict(self._raw, config=Config(spec_validator_cls=None))
        self._paths = sorted(self._raw["paths"], key=lambda path: (path.count("{"), path))

    def knows(self, ask: Ask) -> bool:
        """Whether this document has the operation."""
        return self._operation(ask) is not None

    def check(self, ask: Ask, said: Said) -> None:
        """Raise AssertionError where the request, or its answer, is not what the description says."""
        operation = self._operation(ask)
        assert operation is not None, f"the description has no {ask.method} {ask.path}"
        request = _Request(ask, "http://described", ask.raw_path.removeprefix(self._strip))
        try:
            self._api.validate_request(request)
            if str(said.status) in operation["responses"]:
                self._api.validate_response(request, _Response(said))
        except OpenAPIError as error:
            said_what = ask.body[:400] if "Request" in type(error).__name__ else said.body[:400]
            why = [getattr(each, "message", each) for each in getattr(error.__cause__, "schema_errors", [])]
            raise AssertionError(f"{ask.method} {ask.path}: {error!r} {why} in {said_what!r}") from error
        self._check_names(ask, operation)

    def _check_names(self, ask: Ask, operation: Mapping[str, Any]) -> None:
        """A misspelt parameter or field is no error in most descriptions; here it is."""
        known = {p["name"] for p in map(self._resolved, operation.get("parameters", [])) if p["in"] == "query"}
        unknown = {name for name, _ in ask.query} - known
        assert not unknown, f"{ask.method} {ask.path}: the description has no parameters {sorted(unknown)}"
        content = self._resolved(operation.get("requestBody", {})).get("content", {}).get("application/json")
        if content and ask.body and "json" in ask.headers.get("content-type", ""):
            strange = list(self._strange(json.loads(ask.body), content["schema"], "body"))
            assert not strange, f"{ask.method} {ask.path}: the description has no {strange}"

    def _strange(self, value: Any, schema: Mapping[str, Any], where: str) -> Iterator[str]:
        schema = self._resolved(schema)
        if isinstance(value, list):
            for each in value:
                yield from self._strange(each, schema.get("items", {}), where + "[]")
        elif isinstance(value, dict):
            fields: dict[str, Any] = {}
            for part in (schema, *map(self._resolved, schema.get("allOf", []))):
                fields |= part.get("properties", {})
            if not fields:
                return
            for name, inner in value.items():
                if name in fields:
                    yield from self._strange(inner, fields[name], f"{where}.{name}")
                else:
                    yield f"{where}.{name}"

    def _operation(self, ask: Ask) -> dict[str, Any] | None:
        path = ask.raw_path.removeprefix(self._strip)
        for template in self._paths:
            pattern = re.sub(r"\\\{[^/}]+\\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path) and ask.method.lower() in self._raw["paths"][template]:
                found: dict[str, Any] = self._raw["paths"][template][ask.method.lower()]
                return found
        return None

    def _operations(self) -> Iterator[dict[str, Any]]:
        for path in self._raw["paths"].values():
            for method, operation in path.items():
                if method in {"get", "post", "put", "patch", "delete"}:
                    yield operation

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            found: Any = self._raw
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            schema = found
        return schema
