"""An answer of a carrier is brought into a form that can be kept, or leaves its purchase in doubt (LBL-02)."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from structlog.testing import capture_logs

from printing.documents import CarrierLabel
from server.calls.troubles import Away, Refused
from server.domain.errors import DomainError
from server.trade.shipping import Purchased
from server.usecases.shipping.sound import heard, sound

GOOD = Purchased("1Z999AA10123456784", "ground", Decimal("4.20"), "USD", "shp_1", CarrierLabel("zpl", b"^XA^XZ"))


@pytest.mark.parametrize("good", [GOOD, replace(GOOD, label=None, shipment_id=""), replace(GOOD, cost=Decimal(0))])
def test_an_ordinary_purchase_is_kept_as_it_is(good: Purchased) -> None:
    assert sound(good) == good


def test_a_label_that_was_paid_for_is_not_lost_over_the_form_of_its_answer() -> None:
    kept = sound(
        replace(GOOD, service="s\x1b" * 65, cost=Decimal("4.2000000000000000000000001"), shipment_id="s" * 130)
    )
    assert (kept.service, kept.cost, kept.shipment_id) == ("s" * 64, Decimal("4.2000"), "s" * 130)
    assert str(sound(replace(GOOD, cost=Decimal("1E+3"))).cost) == "1000.0000"


@pytest.mark.parametrize(
    ("field", "odd", "words"),
    [
        ("tracking", "1Z9", "a tracking number of 8 to 40 printable characters, found '1Z9'"),
        ("tracking", "1" * 41, "a tracking number"),
        ("tracking", "1Z999AA1\n", "a tracking number"),
        ("tracking", None, "found 'None'"),
        ("currency", "$", "a currency of three letters, found '\\$'"),
        ("currency", "DOLLARS", "a currency"),
        ("cost", 4.2, "a cost, found '4.2'"),
        ("cost", Decimal("NaN"), "a cost, found 'NaN'"),
        ("cost", Decimal(-1), "a cost"),
        ("cost", Decimal("1E+13"), "a cost"),
        ("shipment_id", "s\x00", "an id of at most 2000 printable characters"),
        ("shipment_id", 7, "an id"),
        ("label", b"^XA", "a label with its format, found 'bytes'"),
        ("label", CarrierLabel("zpl", "text"), "a label"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_kept_leaves_the_purchase_in_doubt_and_is_named(field: str, odd: Any, words: str) -> None:
    with pytest.raises(Away, match=words) as refusal:
        sound(replace(GOOD, **{field: odd}))
    assert refusal.value.maybe_done


def test_what_is_no_purchase_at_all_leaves_it_in_doubt() -> None:
    with pytest.raises(Away, match="expected a purchase, found 'NoneType'") as refusal:
        sound(None)
    assert refusal.value.maybe_done


def test_an_adapter_that_breaks_may_have_bought_and_its_words_go_nowhere() -> None:
    def breaks() -> None:
        raise TypeError("unhashable: SECRET of Zoe Quill")

    with capture_logs() as logs, pytest.raises(Away, match=r"could not be read \(TypeError\)") as refusal:
        heard("ups", breaks)
    assert refusal.value.maybe_done
    ((_, carrier, error),) = [(row["event"], row["carrier"], row["error"]) for row in logs]
    assert (carrier, error, "SECRET" in str(logs)) == ("ups", "TypeError", False)


@pytest.mark.parametrize("trouble", [Refused("no"), DomainError("bad_signature", "no")])
def test_a_trouble_stays_what_it_is(trouble: Exception) -> None:
    def says_no() -> None:
        raise trouble

    with pytest.raises(type(trouble)) as refusal:
        heard("ups", says_no)
    assert refusal.value is trouble
