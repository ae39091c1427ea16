"""Several channels and five sites in bad weather: what the long soak of ``make sim only=soak`` proves, tried small."""

import pytest

from tests.bench.channels import soak
from tests.market import Street


def test_nothing_is_lost_doubled_or_wrong_after_bad_weather_over_two_channels_and_five_sites(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(soak, "SKUS", 2)
    counts, sites, wrong = soak.run(3, 8, ("etsy",))
    assert wrong == []
    assert counts.total() >= 6
    assert len(sites) >= 2


def test_the_soak_sees_a_wrong_number_and_an_order_that_never_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soak, "SKUS", 2)
    monkeypatch.setattr(soak, "REST", 1)
    move = soak.move

    def spoilt(made: Street, seconds: float) -> None:
        made.shops["custom"].outgoing.clear()
        move(made, seconds)
        made.shops["etsy"].market.item("SKU-001").quantity = 777

    monkeypatch.setattr(soak, "move", spoilt)
    _, _, wrong = soak.run(3, 6, ("etsy",))
    said = " ".join(wrong)
    assert "SKU-001: the channels show" in said
    assert "0 orders of ours" in said
