"""Swagger 2.0 descriptions as OpenAPI 3, as far as the operations in use need it."""

import copy
from collections.abc import Collection, Mapping
from typing import Any

_METHODS = frozenset({"get", "post", "put", "patch", "delete"})
_PLAIN = frozenset({"name", "in", "required", "description", "schema"})
_STYLES = {"csv": ("form", False), "multi": ("form", True), "ssv": ("spaceDelimited", False)}


def openapi(swagger: Mapping[str, Any], operations: Collection[str]) -> dict[str, Any]:
    """The document with these operations (by operationId) and no others; raise AssertionError for one it has not."""
    assert swagger["swagger"] == "2.0"
    paths: dict[str, Any] = {}
    for path, item in swagger["paths"].items():
        for method in _METHODS & item.keys():
            if item[method]["operationId"] in operations:
                shared = item.get("parameters", [])
                paths.setdefault(path, {})[method] = _operation(item[method], shared, swagger)
    found = {operation["operationId"] for item in paths.values() for operation in item.values()}
    assert found == set(operations), f"the description has no {set(operations) - found}"
    document = {
        "openapi": "3.0.3",
        "info": swagger["info"],
        "paths": paths,
        "components": {"schemas": copy.deepcopy(swagger.get("definitions", {}))},
    }
    moved: dict[str, Any] = _moved(document)
    return moved


def _operation(operation: Mapping[str, Any], shared: list[Any], swagger: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"operationId": operation["operationId"], "parameters": []}
    consumes = operation.get("consumes") or swagger.get("consumes") or ["application/json"]
    named = [*shared, *operation.get("parameters", [])]
    for parameter in [swagger["parameters"][p["$ref"].rpartition("/")[2]] if "$ref" in p else p for p in named]:
        if parameter["in"] == "body":
            content = {kind: {"schema": parameter["schema"]} for kind in consumes}
            made["requestBody"] = {"required": parameter.get("required", False), "content": content}
        else:
            made["parameters"].append(_parameter(parameter))
    produces = operation.get("produces") or swagger.get("produces") or ["application/json"]
    made["responses"] = {status: _response(each, produces) for status, each in operation["responses"].items()}
    return made


def _parameter(parameter: Mapping[str, Any]) -> dict[str, Any]:
    made = {name: value for name, value in parameter.items() if name in _PLAIN}
    formats = {"collectionFormat", "x-example", "allowEmptyValue"}
    made["schema"] = {name: value for name, value in parameter.items() if name not in _PLAIN | formats}
    if parameter.get("type") == "array":
        made["style"], made["explode"] = _STYLES[parameter.get("collectionFormat", "csv")]
    return made


def _response(response: Mapping[str, Any], produces: list[str]) -> dict[str, Any]:
    made: dict[str, Any] = {"description": response.get("description", "")}
    if "schema" in response:
        made["content"] = {kind: {"schema": response["schema"]} for kind in produces}
    return made


def _moved(value: Any) -> Any:
    """References to where OpenAPI 3 keeps its schemas; examples and sandboxes are left behind."""
    if isinstance(value, list):
        return [_moved(each) for each in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("$ref"), str):
        return {"$ref": value["$ref"].replace("#/definitions/", "#/components/schemas/")}
    return {name: _moved(each) for name, each in value.items() if not name.startswith("x-")}
