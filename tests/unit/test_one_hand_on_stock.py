"""One master stock source: only the stock book changes counters, and only the chain writes the record (GOV-03)."""

import ast
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

import server

ROOT = Path(server.__file__).parent
RECORD = {"ledger", "audit", "audit_subject", "batch", "chain_head"}
CHANGES = {"insert", "update", "delete", "insert_into", "insert_rows"}
STOCK_WRITERS = {"db/stock.py"}
"""Counters; everybody else reads."""

BESIDE_COUNTERS = {"expires_on", "safety", "bin"}
"""Columns of ``stock`` that are no counters: others may write them."""


@cache
def modules() -> list[tuple[str, ast.Module]]:
    """Every module of the server that speaks to the database, by its path."""
    texts = [(path, path.read_text(encoding="utf-8")) for path in sorted(ROOT.rglob("*.py"))]
    return [
        (path.relative_to(ROOT).as_posix(), ast.parse(text))
        for path, text in texts
        if "migrations" not in path.parts and ("server.db" in text or "sqlalchemy" in text)
    ]


def table_names(module: ast.Module) -> dict[str, str]:
    """Short names of tables in this module: ``_t = tables.stock`` gives _t -> stock."""
    found: dict[str, str] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                pairs = (
                    zip(target.elts, node.value.elts, strict=False)
                    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
                    else [(target, node.value)]
                )
                for name, value in pairs:
                    if isinstance(name, ast.Name) and isinstance(value, ast.Attribute) and _is_tables(value.value):
                        found[name.id] = value.attr
    return found


def _is_tables(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "tables"


def changes(module: ast.Module) -> Iterator[tuple[str, set[str]]]:
    """(table, columns) of every change of rows in a module; no columns where they cannot be told."""
    names = table_names(module)

    def table_of(node: ast.AST) -> str | None:
        if isinstance(node, ast.Attribute) and _is_tables(node.value):
            return node.attr
        return names.get(node.id) if isinstance(node, ast.Name) else None

    values = {
        id(inner): {word.arg for word in call.keywords if word.arg}
        for call in ast.walk(module)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "values"
        for inner in ast.walk(call.func.value)
    }
    for node in ast.walk(module):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called not in CHANGES:
            continue
        about = [*node.args, *([node.func.value] if isinstance(node.func, ast.Attribute) else [])]
        for table in filter(None, map(table_of, about)):
            yield table, values.get(id(node), set())
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = node.value.upper().replace('"', "").split()
            for verb, name in pairwise(words):
                if verb in {"UPDATE", "INTO", "FROM"} and (verb != "FROM" or "DELETE" in words[:1]):
                    yield name.lower(), set()


def writers(wanted: set[str], harmless: set[str]) -> set[str]:
    found = set()
    for name, module in modules():
        for table, columns in changes(module):
            if table in wanted and not (columns and columns <= harmless):
                found.add(name)
    return found


def test_only_one_module_changes_counters() -> None:
    assert writers({"stock"}, BESIDE_COUNTERS) == STOCK_WRITERS


def test_only_the_chain_and_the_way_in_from_a_file_write_the_record() -> None:
    # A server is filled from a file with the record as it was.
    assert writers(RECORD, set()) == {"db/chain.py", "db/whole.py"}


def test_only_the_stock_book_calls_what_changes_counters() -> None:
    """``db.stock.write`` changes counters: usecases.stock alone calls it, beside its own ledger rows."""
    callers = set()
    for name, module in modules():
        aliases = {
            alias.asname or alias.name
            for node in ast.walk(module)
            if isinstance(node, ast.ImportFrom) and node.module == "server.db"
            for alias in node.names
            if alias.name == "stock"
        }
        for node in ast.walk(module):
            if (
                isinstance(node, ast.Attribute)
                and node.attr == "write"
                and isinstance(node.value, ast.Name)
                and node.value.id in aliases
            ):
                callers.add(name)
            if isinstance(node, ast.ImportFrom) and node.module == "server.db.stock":
                assert "write" not in {alias.name for alias in node.names}, name
    assert callers == {"usecases/booking/stock.py"}


@pytest.mark.parametrize(
    "source",
    [
        "from server.db import tables\n_t = tables.stock\nupdate(_t).where(x).values(on_hand=3)",
        "a, _t = tables.site, tables.stock\n_t.update()",
        "insert(tables.stock)",
        "run('UPDATE stock SET on_hand = 3')",
        "run('DELETE FROM stock')",
        'run("INSERT INTO stock (sku) VALUES (1)")',
        "update(tables.stock).values(bin='A', reserved=1)",
    ],
)
def test_this_test_sees_every_way_of_writing(source: str) -> None:
    seen = [(t, columns) for t, columns in changes(ast.parse(source)) if t == "stock"]
    assert seen
    assert not all(columns and columns <= BESIDE_COUNTERS for _, columns in seen)
