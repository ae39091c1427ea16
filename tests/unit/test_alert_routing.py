"""Who hears of an incident is decided by how pressing it is, which channel it is about, and whose it is."""

from pathlib import Path

import pytest

from server.config import AlertRoute, load_config
from server.domain.errors import DomainError
from server.domain.incidents import HANDLING, IncidentType
from server.usecases.alerting.routing import SEVERITIES, Happened, channel_id_in, severity_of, wanting
from server.usecases.alerting.sending import subject

PAGER = AlertRoute(name="pager", webhook="https://pager.test/", secret_file="s", severity="urgent")
DESK = AlertRoute(name="desk", mail=("desk@shop.test",), owners=("desk",))
ETSY = AlertRoute(name="etsy", mail=("etsy@shop.test",), severity="info", channels=("etsy",))
CONFLICTS = AlertRoute(name="conflicts", mail=("x@shop.test",), severity="info", types=("stock_conflict",))
ROUTES = (PAGER, DESK, ETSY, CONFLICTS)


@pytest.mark.parametrize(
    ("kind", "channel", "heard"),
    [
        (IncidentType.CHANNEL_DENIED, "etsy", ["pager", "desk", "etsy"]),
        (IncidentType.CHANNEL_DENIED, "walmart", ["pager", "desk"]),
        (IncidentType.STOCK_CONFLICT, "walmart", ["desk", "conflicts"]),
        (IncidentType.BENCH_CALL, "", ["pager"]),
        (IncidentType.CHANNEL_DRIFT, "etsy", ["etsy"]),
        (IncidentType.CHANNEL_DRIFT, "walmart", []),
        (IncidentType.LOW_STOCK, "", []),
    ],
)
def test_each_incident_is_heard_by_those_it_concerns(kind: IncidentType, channel: str, heard: list[str]) -> None:
    assert wanting(ROUTES, Happened(kind.value, HANDLING[kind].owner, channel)) == heard


def test_every_kind_of_incident_has_a_severity_and_an_unknown_one_is_urgent() -> None:
    assert {severity_of(kind.value) for kind in IncidentType} == set(SEVERITIES)
    assert severity_of("of another version") == "urgent"


@pytest.mark.parametrize(
    ("kind", "key", "channel"),
    [
        ("channel_denied", "denied:7", 7),
        ("channel_refuses", "refused:12:stock:CANDLE", 12),
        ("bad_order", "news:3:order:1001", 3),
        ("left_behind", "left:3", None),
        ("channel_denied", None, None),
        ("channel_denied", "denied:x", None),
    ],
)
def test_the_channel_of_an_incident_without_an_order_is_in_its_key(kind: str, key: str, channel: int | None) -> None:
    assert channel_id_in(kind, key) == channel


def test_one_mail_for_many_says_the_worst_first_in_one_harmless_line() -> None:
    low = {"severity": "info", "cause": "candles run low"}
    bad = {"severity": "urgent", "cause": "refused\r\nBcc: everyone@example.com\x1b[31m" + "x" * 300}
    line = subject([low, bad, low])
    assert line.startswith("[Packproof urgent] refused Bcc: everyone")
    assert line.endswith(" and 2 more")
    assert line.isprintable()
    assert len(line) < 140


GOOD = """
[alerts]
mail_server = "smtp://mail.test:25"
mail_from = "packproof@shop.test"
[[alerts.route]]
name = "desk"
mail = ["desk@shop.test"]
"""


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("mail_server", "mail_sever"), "there is no setting alerts.mail_sever; did you mean mail_server?"),
        (('name = "desk"', 'nam = "desk"'), "there is no setting alerts.route.nam; did you mean name?"),
        (("smtp://", "http://"), "expected mail_server (smtp://host:25"),
        (('mail = ["desk@shop.test"]', ""), "expected either mail, a list of addresses, or webhook"),
        (("desk@shop.test", "desk"), "mail: expected addresses, found 'desk'"),
        (('mail = ["desk@shop.test"]', 'webhook = "https://x/"'), "secret_file: expected a file"),
        (
            ('mail = ["desk@shop.test"]', 'webhook = "ftp://x/"\nsecret_file = "s"'),
            "webhook: expected http(s)://host/path",
        ),
        (('name = "desk"', 'name = "desk"\nseverity = "loud"'), "Invalid enum value 'loud'"),
        (
            ('mail = ["desk@shop.test"]', 'mail = ["a@b"]\n[[alerts.route]]\nname = "desk"\nmail = ["c@d"]'),
            "a name of its own",
        ),
        (('name = "desk"', 'name = "the desk"'), "letters without blanks"),
        (('name = "desk"', 'name = "desk"\nescalate_to = "desk"'), "escalate_to: expected another route"),
        (('name = "desk"', 'name = "desk"\nescalate_minutes = 0'), "escalate_minutes: expected 1 to 10080, found 0"),
    ],
)
def test_a_route_that_can_reach_nobody_is_refused_at_start(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    config = tmp_path / "server.toml"
    config.write_text(GOOD.replace(*change))
    with pytest.raises(DomainError) as refused:
        load_config(config)
    assert says in refused.value.detail
    config.write_text(GOOD)
    assert load_config(config).alerts.route[0].severity == "warning"
