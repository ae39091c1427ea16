"""A substitute in the box: refused unless the matrix lets it, and on record with who and which rule (RTE-10)."""

import pytest
from sqlalchemy import select, update

from server.db import tables
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.sales.substitution import Approval
from server.usecases.sales.policies import add_matrix_rule
from server.usecases.sales.substituting import approve_substitute
from tests.floor import BOSS, BRUSH, SOAP, Floor


def mark(floor: Floor, sku: str, **columns: object) -> None:
    with floor.db.engine.begin() as connection:
        connection.execute(update(tables.product).where(tables.product.c.sku == sku).values(**columns))


def test_a_substitute_is_the_wrong_item_until_it_is_approved_and_then_it_is_the_right_one(floor: Floor) -> None:
    rule = add_matrix_rule(floor.db, BOSS, "*", "shop", Approval.ASK)
    number, bench = floor.order(("SOAP", 2)), floor.bench("B1")
    bench.open(number)
    assert bench.scan(BRUSH) is Reason.WRONG_ITEM
    approve_substitute(floor.db, BOSS, floor.order_id(number), 1, "BRUSH", supervisor="Ben")
    assert bench.send().stop is Reason.CHANGED
    bench.open(number)
    assert bench.scan(SOAP) is Reason.WRONG_ITEM
    bench.open(number) if bench.stop else None
    assert (floor.stock("SOAP"), floor.stock("BRUSH")) == ((100, 0), (100, 2))
    a = tables.audit
    with floor.db.read() as connection:
        detail = connection.execute(select(a.c.detail).where(a.c.action == "order.substituted")).scalar_one()
    assert (detail["by"], detail["rule"], detail["sku"], detail["substitute"]) == ("Ben", rule, "SOAP", "BRUSH")


@pytest.mark.parametrize("approval", [None, Approval.NEVER], ids=["no rule", "never"])
def test_what_no_rule_lets_one_approve_no_supervisor_approves(floor: Floor, approval: Approval | None) -> None:
    if approval:
        add_matrix_rule(floor.db, BOSS, "*", "*", approval)
    number = floor.order(("SOAP", 2))
    with pytest.raises(DomainError) as refused:
        approve_substitute(floor.db, BOSS, floor.order_id(number), 1, "BRUSH", supervisor="Ben")
    assert refused.value.code == "not_approved"
    assert (floor.status(number), floor.stock("SOAP"), floor.stock("BRUSH")) == ("ready", (100, 2), (100, 0))


@pytest.mark.parametrize("flag", [{"regulated": True}, {"brand": "Lux"}], ids=["regulated", "branded"])
def test_what_is_regulated_or_branded_needs_a_person_whatever_the_matrix_says(
    floor: Floor, flag: dict[str, object]
) -> None:
    add_matrix_rule(floor.db, BOSS, "*", "*", Approval.AUTO)
    mark(floor, "BRUSH", **flag)
    number = floor.order(("SOAP", 2))
    with pytest.raises(DomainError, match="needs a supervisor"):
        approve_substitute(floor.db, BOSS, floor.order_id(number), 1, "BRUSH", supervisor="")
    approve_substitute(floor.db, BOSS, floor.order_id(number), 1, "BRUSH", supervisor="Ben")
    assert (floor.stock("SOAP"), floor.stock("BRUSH")) == ((100, 0), (100, 2))


def test_a_substitute_that_is_not_there_changes_nothing(floor: Floor) -> None:
    add_matrix_rule(floor.db, BOSS, "*", "*", Approval.AUTO)
    number = floor.order(("SOAP", 2))
    floor.order(("BRUSH", 100))
    with pytest.raises(DomainError) as refused:
        approve_substitute(floor.db, BOSS, floor.order_id(number), 1, "BRUSH", supervisor="Ben")
    assert refused.value.code == "no_stock"
    assert (floor.status(number), floor.stock("SOAP")) == ("ready", (100, 2))


def test_a_packed_box_gets_no_substitute(floor: Floor) -> None:
    add_matrix_rule(floor.db, BOSS, "*", "*", Approval.AUTO)
    number, bench = floor.order(("SOAP", 1)), floor.bench("B1")
    bench.pack(number, SOAP)
    with pytest.raises(DomainError) as refused:
        approve_substitute(floor.db, BOSS, floor.order_id(number), 1, "BRUSH", supervisor="Ben")
    assert refused.value.code == "already_packed"
