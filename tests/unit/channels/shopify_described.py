"""Requests and answers of a GraphQL Admin API, held against its official schema.

The schema has 3,546 types. Only what our documents reach is built: a field that we select and it does not have fails at
once, and so does one that is deprecated.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    build_ast_schema,
    execute_sync,
    parse,
    validate,
)
from graphql.language import (
    EnumTypeDefinitionNode,
    FieldNode,
    FragmentSpreadNode,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    NamedTypeNode,
    ObjectTypeDefinitionNode,
    SelectionSetNode,
    TypeNode,
)
from graphql.validation import NoDeprecatedCustomRule, specified_rules

from server.simulated.platforms.base import Ask, Said

_BUILT_IN = frozenset({"ID", "String", "Int", "Float", "Boolean"})
_ROOTS = {"query": "QueryRoot", "mutation": "Mutation"}
_SERIALIZE = "coerce_output_value" if hasattr(GraphQLScalarType, "coerce_output_value") else "serialize"
_SCALARS = {
    "DateTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "Decimal": r"-?\d+(\.\d+)?",
    "Money": r"-?\d+(\.\d+)?",
    "UnsignedInt64": r"\d+",
}


@cache
def definitions(path: Path) -> dict[str, str]:
    """The text of every definition by its name, without descriptions."""
    text = re.sub(r'"""(?:[^"]|"(?!""))*"""', "", path.read_text(encoding="utf-8"))
    starts = list(re.finditer(r"^(?:type|input|enum|interface|scalar|union|directive) @?(\w+)", text, re.MULTILINE))
    ends = [start.start() for start in starts[1:]] + [len(text)]
    return {start[1]: text[start.start() : end] for start, end in zip(starts, ends, strict=True)}


class Reached:
    """The part of a schema that some documents reach."""

    def __init__(self, path: Path) -> None:
        self._texts, self._nodes = definitions(path), dict[str, Any]()
        self._fields: dict[str, set[str]] = defaultdict(set)
        self._fragments: dict[str, FragmentDefinitionNode] = {}

    def schema(self, documents: Iterable[DocumentNode]) -> GraphQLSchema:
        """The schema with no more than that."""
        for document in documents:
            self._fragments |= {
                each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
            }
            for each in document.definitions:
                if isinstance(each, OperationDefinitionNode):
                    self._walk(each.selection_set, _ROOTS[each.operation.value])
                    for variable in each.variable_definitions or ():
                        self._input(variable.type)
        kept = [self._cut(name) for name in list(self._nodes)]
        roots = f"schema {{ {' '.join(f'{kind}: {name}' for kind, name in _ROOTS.items() if name in self._nodes)} }}"
        directive = self._texts["idempotent"]
        return build_ast_schema(DocumentNode(definitions=(*parse(roots + directive).definitions, *kept)))

    def _node(self, name: str) -> Any:
        if name not in self._nodes:
            assert name in self._texts, f"the schema has no type {name}"
            self._nodes[name] = parse(self._texts[name], no_location=True).definitions[0]
        return self._nodes[name]

    def _walk(self, selection: SelectionSetNode, on: str) -> None:
        node = self._node(on)
        for each in selection.selections:
            if isinstance(each, FragmentSpreadNode):
                fragment = self._fragments[each.name.value]
                self._walk(fragment.selection_set, fragment.type_condition.name.value)
            elif isinstance(each, InlineFragmentNode):
                assert each.type_condition is not None
                self._walk(each.selection_set, each.type_condition.name.value)
            elif isinstance(each, FieldNode) and each.name.value != "__typename":
                name = each.name.value
                found = next((field for field in node.fields if field.name.value == name), None)
                assert found is not None, f"the schema has no {on}.{name}"
                self._fields[on].add(name)
                for argument in found.arguments or ():
                    self._input(argument.type)
                inner = _named(found.type)
                if each.selection_set:
                    self._walk(each.selection_set, inner)
                elif inner not in _BUILT_IN:
                    self._node(inner)

    def _input(self, type_: TypeNode) -> None:
        name = _named(type_)
        if name in _BUILT_IN or name in self._nodes:
            return
        node = self._node(name)
        if isinstance(node, InputObjectTypeDefinitionNode):
            for field in node.fields or ():
                self._input(field.type)

    def _cut(self, name: str) -> Any:
        node = self._nodes[name]
        if isinstance(node, EnumTypeDefinitionNode) or not isinstance(
            node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode
        ):
            return node
        fields = tuple(f for f in node.fields or () if f.name.value in self._fields[name] | {"id"})
        interfaces = tuple(each for each in node.interfaces or () if each.name.value in self._nodes)
        kind = type(node)
        return kind(name=node.name, fields=fields, interfaces=interfaces, directives=(), description=None)


def _named(type_: Any) -> str:
    while not isinstance(type_, NamedTypeNode):
        type_ = type_.type
    return str(type_.name.value)


class Described:
    """Checks what goes over the wire against the schema."""

    def __init__(self, path: Path, texts: Iterable[str]) -> None:
        documents = [parse(text) for text in texts]
        self._schema = Reached(path).schema(documents)
        self._parsed: dict[str, DocumentNode] = {}
        for name, pattern in _SCALARS.items():
            if isinstance(scalar := self._schema.type_map.get(name), GraphQLScalarType):
                setattr(scalar, _SERIALIZE, _exactly(name, pattern))

    def check(self, ask: Ask, said: Said) -> None:
        """Raise AssertionError where the request, or its answer, is not what the schema says."""
        body = json.loads(ask.body)
        document = self.validate(body["query"])
        answer = json.loads(said.body) if b'"data"' in said.body else {}
        found = execute_sync(
            self._schema,
            document,
            answer.get("data") or {},
            variable_values=body["variables"],
            operation_name=body["operationName"],
            field_resolver=_resolved,
            type_resolver=lambda value, info, kind: value["__typename"],
        )
        if "data" in answer:
            assert not found.errors, f"{body['operationName']}: {found.errors} in {said.body[:400]!r}"
            assert found.data == answer["data"], body["operationName"]
        else:
            # Nothing was answered; the variables must be right all the same.
            assert found.data is not None or not found.errors or all(e.path for e in found.errors), found.errors

    def validate(self, text: str) -> DocumentNode:
        """The document; raise AssertionError where the schema does not allow it."""
        if text not in self._parsed:
            document = parse(text)
            errors = validate(self._schema, document, [*specified_rules, NoDeprecatedCustomRule])
            assert not errors, errors
            self._parsed[text] = document
        return self._parsed[text]


def _resolved(source: Any, info: GraphQLResolveInfo[Any], **_: Any) -> Any:
    return source[info.path.key]


def _exactly(name: str, pattern: str) -> Any:
    def serialized(value: Any) -> Any:
        assert isinstance(value, str) and re.fullmatch(pattern, value), f"{name}: {value!r}"
        return value

    return serialized
