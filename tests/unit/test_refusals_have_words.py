"""Whatever the server refuses a bench or a dock has a sentence in each language: every way from an API to a refusal."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import server
from station.wording import de, en

ROOT = Path(server.__file__).parent.parent
APIS = ("server.http.bench_api", "server.http.bench_goods_api", "server.http.dock_api")
FACT = re.compile(r"\{([a-z_]+)\}")

SETTINGS = (
    "server.db.tables",
    "server.carriers",
    "server.channels",
    "server.domain.booking.conflicts",
    "server.domain.booking.kits",
    "server.domain.rates.rules_data",
    "server.domain.routes",
    "server.domain.sales.losing",
    "server.domain.sharing.windows",
    "server.db.sites",
    "server.db.people",
)
"""Rules and settings are refused where somebody writes them: what is read back is right."""

ANOTHER_WAY = {
    "server.http.access": "the status line says that this bench is not admitted",
    "server.http.routing": "the status line says that this bench is not admitted",
    "server.usecases.benchwork.benches": "joining is a command of the shell",
    "server.usecases.benchwork.allotting": "labels beforehand are asked for by the server",
    "server.usecases.loading.opening": "the station asks YES, or which load, by the code",
    "server.usecases.loading.carrier_close": "the station says that there is no paper",
    "server.usecases.loading.closing": "the station says that there is no paper",
    "server.usecases.masterdata.pictures": "no picture is no refusal",
    "server.usecases.sales.cancel": "of a channel",
    "server.usecases.routes.split_notices": "of a row that is locked",
    "server.domain.sales.orders": "of a row that is locked",
    "server.http.call": "of a channel",
}
"""Modules whose other refusals no bench shows, and why."""

MACHINES = (
    "'malformed'",
    "'gap'",
    "expected scans for load",
    "expected a fresh session id",
    "as session id",
    "'invalid', f'key:",
    "'invalid', f'reason:",
    "expected why it gets another label",
    "expected two different sites",
    "expected at least one unit of at least one product",
    "there is no order with id",
    "expected 1 to 10000 units",
)
"""What only a faulty program is told; a screen quotes it."""


class Refusal(NamedTuple):
    """One place where a rule says no."""

    module: str
    line: int
    call: ast.Call

    @property
    def facts(self) -> dict[str | None, ast.expr]:
        """Its named facts; None for a mapping of them."""
        return {keyword.arg: keyword.value for keyword in self.call.keywords}


@cache
def _module(name: str) -> tuple[dict[str, ast.AST], dict[str, tuple[str, str]]]:
    """What a module defines, and what it imports by which name."""
    tree = ast.parse(_path(name).read_text(encoding="utf-8"))
    own: dict[str, ast.AST] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            own[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            own |= {target.id: node for target in targets if isinstance(target, ast.Name)}
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module]
    return own, {each.asname or each.name: (str(n.module), each.name) for n in imports for each in n.names}


@cache
def _path(name: str) -> Path:
    path = ROOT.joinpath(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def _found(module: str, name: str) -> tuple[str, str] | None:
    """Where a name of a module is defined: (module, name); (module, "") for a module."""
    if not module.startswith("server") or not _path(module).exists():
        return None
    own, imported = _module(module)
    if name in own:
        return module, name
    if name not in imported:
        return None
    origin, there = imported[name]
    return (f"{origin}.{there}", "") if _path(f"{origin}.{there}").exists() else _found(origin, there)


def _nodes(node: ast.AST) -> Iterator[ast.AST]:
    """All below it but for types, by which nothing is called."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        for name in each._fields:
            below = getattr(each, name) if name not in ("annotation", "returns", "ctx") else None
            if isinstance(below, ast.AST):
                waiting.append(below)
            elif isinstance(below, list):
                waiting += [one for one in below if isinstance(one, ast.AST)]


def _used(module: str, node: ast.AST) -> tuple[str, str] | None:
    """What of the server a name in it means."""
    if isinstance(node, ast.Name):
        return _found(module, node.id)
    if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
        return None
    at = _found(module, node.value.id)
    return _found(at[0], node.attr) if at and not at[1] else None


@cache
def refusals() -> tuple[Refusal, ...]:
    """All that may be raised on any way from what a bench or a dock asks."""
    seen = {(api, "ROUTES") for api in APIS}
    waiting, said = list(seen), []
    while waiting:
        module, name = waiting.pop()
        for node in _nodes(_module(module)[0][name]):
            found = _used(module, node)
            if found and found[1] and found not in seen and not found[0].startswith(SETTINGS):
                seen.add(found)
                waiting.append(found)
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id
            if isinstance(node, ast.Call) and called in ("DomainError", "Unavailable"):
                said.append(Refusal(module, node.lineno, node))
    return tuple(said)


def _passed_over(each: Refusal) -> bool:
    text = ast.unparse(each.call)
    machine = any(words in text for words in MACHINES)
    return machine or each.module in ANOTHER_WAY


def test_the_ways_from_the_apis_to_the_refusals_are_found() -> None:
    modules = {each.module for each in refusals()}
    for known in ("benchwork.refusing", "warehouse.counting", "shipping.purchasing", "loading.close_asks"):
        assert f"server.usecases.{known}" in modules
    assert set(ANOTHER_WAY) <= modules, "nothing is passed over that is not there"
    calls = [ast.unparse(each.call) for each in refusals()]
    assert [words for words in MACHINES if not any(words in call for call in calls)] == []


def test_whatever_a_bench_or_a_dock_is_refused_names_its_sentence() -> None:
    dumb = [
        f"{each.module}:{each.line}"
        for each in refusals()
        if not {"says", None} & each.facts.keys() and not _passed_over(each)
    ]
    assert dumb == []


@pytest.mark.parametrize("words", [en, de], ids=["en", "de"])
def test_a_refusal_brings_every_fact_that_its_sentence_needs(words: object) -> None:
    sentences: dict[str, str] = {**words.REFUSED, **words.DOCK_SAYS}  # type: ignore[attr-defined]
    for each in refusals():
        says = each.facts.get("says")
        if isinstance(says, ast.Constant):
            assert says.value in sentences, f"{each.module}:{each.line}"
            needs = set(FACT.findall(sentences[says.value])) - {"held"}
            assert None in each.facts or needs <= each.facts.keys(), f"{each.module}:{each.line}"
