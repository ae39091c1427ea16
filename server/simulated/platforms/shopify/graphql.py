"""As much of GraphQL as an Admin API needs: documents are parsed and answered field by field from plain objects.

An object is a mapping; a field that takes arguments is a function of them. What is not selected is never answered, and
what is not there is an error, as it is at the real one. https://spec.graphql.org/October2021/
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Args = Mapping[str, Any]
Object = Mapping[str, Any]
_TOKEN = re.compile(
    r'[\s,]+|\#[^\n]*|(?P<text>"(?:[^"\\\n]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<mark>\.\.\.|[!$&()@:=\[\]{}|])'
)
_NONE = object()


class Wrong(Exception):
    """A document that cannot be answered; ``code`` as the Admin API names it."""

    def __init__(self, message: str, code: str = "undefinedField") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Variable:
    """A value that is given with the request."""

    name: str


@dataclass(slots=True)
class Field:
    """A field; ``name`` "..." is a fragment, inline or by its name in ``alias``, ``on`` this type."""

    alias: str
    name: str
    args: dict[str, Any] = field(default_factory=dict)
    marks: dict[str, dict[str, Any]] = field(default_factory=dict)
    inner: list["Field"] = field(default_factory=list)
    on: str = ""


@dataclass(slots=True)
class Document:
    """Operations and fragments by name."""

    operations: dict[str, tuple[str, dict[str, Any], list[Field]]] = field(default_factory=dict)
    fragments: dict[str, tuple[str, list[Field]]] = field(default_factory=dict)


class Reader:
    """Reads one document; raise Wrong."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0

    def document(self) -> Document:
        """All of it."""
        found = Document()
        while self._at < len(self._tokens):
            if self._peek() == "fragment":
                self._next()
                name = self._next()
                self._next("on")
                on = self._next()
                found.fragments[name] = (on, self._selection())
            else:
                kind = self._next() if self._peek() != "{" else "query"
                name = self._next() if self._peek() not in {"{", "("} else ""
                found.operations[name] = (kind, self._variables(), self._selection())
        return found

    def _selection(self) -> list[Field]:
        self._next("{")
        found = []
        while self._peek() != "}":
            found.append(self._spread() if self._peek() == "..." else self._field())
        self._next("}")
        return found

    def _spread(self) -> Field:
        self._next("...")
        if self._peek() == "on":
            self._next()
            on = self._next()
            return Field("", "...", inner=self._selection(), on=on)
        return Field(self._next(), "...")

    def _field(self) -> Field:
        name = alias = self._next()
        if self._peek() == ":":
            self._next()
            name = self._next()
        made = Field(alias, name, self._arguments())
        while self._peek() == "@":
            self._next()
            mark = self._next()
            made.marks[mark] = self._arguments()
        if self._peek() == "{":
            made.inner = self._selection()
        return made

    def _arguments(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self._peek() == "(":
            self._next()
            while self._peek() != ")":
                name = self._next()
                self._next(":")
                found[name] = self._value()
            self._next(")")
        return found

    def _variables(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self._peek() != "(":
            return found
        self._next()
        while self._peek() != ")":
            self._next("$")
            name = self._next()
            self._next(":")
            while self._peek() not in {"=", "$", ")"}:
                self._next()
            if self._peek() == "=":
                self._next()
                found[name] = self._value()
        self._next(")")
        return found

    def _value(self) -> Any:
        word = self._next()
        match word[0]:
            case "$":
                return Variable(self._next())
            case "[":
                found = []
                while self._peek() != "]":
                    found.append(self._value())
                self._next("]")
                return found
            case "{":
                self._at -= 1
                return self._object()
            case first if first in '"-0123456789':
                return json.loads(word)
            case _:
                return {"true": True, "false": False, "null": None}.get(word, word)

    def _object(self) -> dict[str, Any]:
        self._next("{")
        found = {}
        while self._peek() != "}":
            name = self._next()
            self._next(":")
            found[name] = self._value()
        self._next("}")
        return found

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self, expected: str = "") -> str:
        found = self._peek()
        if not found or (expected and found != expected):
            raise Wrong(f"Parse error: expected {expected or 'more'}, found {found or 'the end'}", "parseError")
        self._at += 1
        return found


@dataclass(slots=True)
class Answering:
    """Answers one operation. ``objects`` counts what was shown."""

    document: Document
    variables: Args
    objects: int = 0

    def answer(self, found: Object, selection: list[Field]) -> dict[str, Any]:
        """What is selected of an object."""
        said: dict[str, Any] = {}
        for each in self.expanded(selection, str(found.get("__typename", ""))):
            value = found.get(each.name, _NONE)
            if value is _NONE:
                raise Wrong(f"Field '{each.name}' doesn't exist on type '{found.get('__typename', 'object')}'")
            if callable(value):
                args = self.value(each.args)
                key = self.value(each.marks.get("idempotent", {})).get("key")
                value = value(args | ({"@idempotent": key} if "idempotent" in each.marks else {}))
            said[each.alias] = self._shown(value, each)
        return said

    def expanded(self, selection: list[Field], kind: str = "") -> Iterator[Field]:
        """The fields, with those of fragments; of an inline fragment only where the type is this one."""
        for each in selection:
            if each.name != "...":
                yield each
            elif each.on:
                if not kind or kind == each.on:
                    yield from self.expanded(each.inner, kind)
            else:
                yield from self.expanded(self.document.fragments[each.alias][1], kind)

    def value(self, given: Any) -> Any:
        """An argument with its variables filled in; a variable that nobody gave leaves its field out."""
        if isinstance(given, Variable):
            return self.variables.get(given.name)
        if isinstance(given, dict):
            return {name: self.value(each) for name, each in given.items()}
        return [self.value(each) for each in given] if isinstance(given, list) else given

    def cost(self, selection: list[Field], many: int = 1) -> float:
        """Points: one for each object that could be shown, ten for a change."""
        return sum(self._cost(each, many) for each in self.expanded(selection))

    def _cost(self, each: Field, many: int) -> float:
        if not each.inner or each.name == "pageInfo":
            return 0
        args = self.value(each.args)
        first = args.get("first") or len(args.get("ids") or [0])
        names = {inner.name for inner in self.expanded(each.inner)}
        if names & {"nodes", "edges"}:
            return self.cost(each.inner, int(first))
        times = many if each.name in {"nodes", "edges"} and "ids" not in args else int(first)
        return times * (1 + self.cost(each.inner))

    def _shown(self, value: Any, each: Field) -> Any:
        if isinstance(value, list):
            return [self._shown(one, each) for one in value]
        if isinstance(value, Mapping) and each.inner:
            self.objects += each.name != "pageInfo"
            return self.answer(value, each.inner)
        return value


def connection(nodes: list[Any], key: Callable[[Any], Any] | None = None) -> Callable[[Args], dict[str, Any]]:
    """A list in pages: a cursor is the key of the last element, so that a page stays where it is while others move."""
    keyed = [(nth if key is None else key(node), node) for nth, node in enumerate(nodes)]

    def page(args: Args) -> dict[str, Any]:
        after = json.loads(args["after"]) if args.get("after") else None
        rest = keyed if after is None else [(at, node) for at, node in keyed if at > after]
        shown = rest[: int(args.get("first") or 50)]
        end = json.dumps(shown[-1][0]) if shown else None
        return {
            "nodes": [node() if callable(node) else node for _, node in shown],
            "pageInfo": {
                "hasNextPage": len(rest) > len(shown),
                "hasPreviousPage": after is not None,
                "startCursor": json.dumps(shown[0][0]) if shown else None,
                "endCursor": end,
            },
        }

    return page


def first_of(nodes: list[Any]) -> Callable[[Args], list[Any]]:
    """A plain list that can be cut."""
    return lambda args: nodes[: int(args.get("first") or 250)]


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise Wrong(f"Parse error: unexpected {text[at]!r}", "parseError")
        at = found.end()
        if found.lastgroup:
            yield found.group()
