"""An Etsy shop stays connected: tokens renew themselves, and a person is called only when nothing else helps."""

from typing import Any

import pytest

from server.calls.line import Forgetful
from server.calls.troubles import Away, Denied, Throttled
from server.channels import etsy
from server.domain.errors import DomainError
from server.simulated.platforms.faults import Fault
from tests.unit.channels.etsy_shop import DAY, NINE, Shop

HOUR = 3600.0


def tokens(shop: Shop) -> int:
    return shop.asked("POST", "/oauth/token")


def test_a_connected_shop_says_its_name_and_how_long_the_consent_holds() -> None:
    account = etsy.who(Shop().line)
    assert account.name == "OrchardLaneGoods"
    assert account.expires_at == NINE + 90 * DAY


@pytest.mark.parametrize(
    "wrong",
    [
        {"keystring": "x" * 24},
        {"shared_secret": "x" * 10},
        {"shared_secret": ""},
        {"refresh_token": "87654321.nobody-gave-this"},
        {"shop_id": "11111111"},
    ],
    ids=str,
)
def test_what_is_wrong_in_the_settings_is_denied(wrong: dict[str, Any]) -> None:
    with pytest.raises(Denied) as denied:
        etsy.who(Shop(**wrong).line)
    assert "simsecret1" not in denied.value.detail
    assert "refresh-" not in denied.value.detail


def test_a_token_is_renewed_before_it_ends_and_not_on_every_call() -> None:
    shop = Shop()
    for _ in range(36):
        etsy.who(shop.line)
        shop.at += HOUR / 6
    assert tokens(shop) == 8
    assert 401 not in {status for _, _, status in shop.sim.asked}


def test_the_newest_refresh_token_outlives_the_one_in_the_settings() -> None:
    shop = Shop(held=False)
    for _ in range(100):
        etsy.who(shop.connect())
        shop.at += DAY
    with pytest.raises(Denied):
        etsy.who(shop.connect(Forgetful()))
    assert etsy.who(shop.connect()).expires_at == shop.at + 90 * DAY


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.BROKEN_AFTER, Fault.LOST_BEFORE, Fault.TOO_MANY])
def test_work_goes_on_with_the_old_token_while_the_token_server_is_away(fault: Fault) -> None:
    shop = Shop()
    etsy.who(shop.line)
    shop.at += 50 * 60
    shop.sim.faults.once(fault, path="/oauth/token")
    etsy.who(shop.line)
    shop.at += 5 * 60
    etsy.who(shop.line)
    shop.at += HOUR
    etsy.who(shop.line)


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.BROKEN_AFTER])
def test_the_lost_answer_of_a_renewal_locks_nobody_out(fault: Fault) -> None:
    shop = Shop()
    for _ in range(3):
        shop.sim.faults.once(fault, path="/oauth/token")
        with pytest.raises(Away):
            etsy.who(shop.line)
        etsy.who(shop.line)
        shop.at += 2 * HOUR


def test_a_platform_that_forgets_the_old_token_at_once_needs_a_person_after_a_lost_answer_and_says_so() -> None:
    shop = Shop()
    shop.sim.grants.strict = True
    etsy.who(shop.line)
    shop.at += 50 * 60
    shop.sim.faults.once(Fault.LOST_AFTER, path="/oauth/token")
    etsy.who(shop.line)
    shop.at += HOUR
    with pytest.raises(Denied, match="revoked"):
        etsy.who(shop.line)


def test_a_person_who_connects_the_shop_again_is_believed_more_than_what_is_remembered() -> None:
    shop = Shop()
    etsy.who(shop.line)
    shop.sim.grants.revoke()
    with pytest.raises(Denied):
        etsy.who(shop.line)
    fresh = shop.sim.grants.consent()
    before = tokens(shop)
    assert etsy.who(shop.connect(settings={"refresh_token": fresh})).name
    assert tokens(shop) == before + 1


def test_a_token_that_is_not_believed_is_renewed_once_and_the_call_repeated() -> None:
    shop = Shop()
    etsy.who(shop.line)
    shop.sim.faults.once(Fault.DENIED, path="/users/me")
    assert etsy.who(shop.line).name
    assert tokens(shop) == 2


def test_what_is_forbidden_is_not_asked_again_with_another_token() -> None:
    shop = Shop(shared_secret="wrong-one")
    for _ in range(5):
        with pytest.raises(Denied):
            etsy.who(shop.line)
    assert tokens(shop) == 1
    assert shop.asked("GET", "/users/me") == 5


def test_too_many_means_that_nothing_is_asked_until_the_time_is_over() -> None:
    shop = Shop()
    etsy.who(shop.line)
    shop.sim.faults.once(Fault.TOO_MANY, path="/users/me")
    before = len(shop.sim.asked)
    for _ in range(50):
        with pytest.raises(Throttled):
            etsy.who(shop.line)
    assert len(shop.sim.asked) == before + 1
    shop.at += 1.1
    assert etsy.who(shop.line).name


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"keystring": ""}, "keystring"),
        ({"shared_secret": ""}, "shared_secret"),
        ({"refresh_token": " "}, "refresh_token"),
        ({"shop_id": "my shop"}, "shop_id"),
        ({"shop_id": ""}, "shop_id"),
        ({"api_url": "openapi.etsy.com"}, "api_url"),
        ({"auth_url": "ftp://etsy.com"}, "auth_url"),
        ({"webhook_secret": "whsec_%%%"}, "webhook_secret"),
        ({"carriers": "own_van"}, "carriers"),
        ({"carriers": {"own_van": 3}}, "carriers"),
        ({"renew_sold_out": "perhaps"}, "renew_sold_out"),
    ],
    ids=str,
)
def test_settings_that_cannot_work_are_named(wrong: dict[str, Any], field: str) -> None:
    good = Shop().settings
    etsy.check(good)
    etsy.check({**good, "shared_secret": "", "shared_secret_file": "/etc/packproof/etsy"})
    with pytest.raises(DomainError, match=f"{field}: expected"):
        etsy.check(good | wrong)
    assert etsy.tells(good)


def test_every_setting_is_in_the_example() -> None:
    import tomllib
    from pathlib import Path

    text = (Path(__file__).parents[3] / "deploy" / "channels" / "etsy.example.toml").read_text(encoding="utf-8")
    for setting in etsy.SETTINGS:
        assert f"{setting.name} = " in text, setting.name
    lines = [line.removeprefix("# ") for line in text.splitlines() if " = " in line.split("#")[-1][:40]]
    etsy.check(tomllib.loads("\n".join(lines)))
