"""What is set for one channel, and who is the source of truth for what of it (GOV-02). Secrets are never shown."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row

from server.channels import of_kind, platform_of
from server.domain.sales.losing import channel_rules
from server.usecases.connecting.keeping import channel_of, connecting, throttle_of
from server.usecases.sharing.tempo import tempo_of

MASK = "********"
_SECRET_WORDS = ("secret", "token", "password", "key")


class Truth(NamedTuple):
    """Who says what holds for one kind of data of a channel, and where it is set."""

    what: str
    who: str
    rule: str


def shown_settings(row: Row[Any]) -> dict[str, str]:
    """Its settings; a secret is a mask, or the path of the file that holds it."""
    platform = platform_of(row.kind)
    hidden = {each.name for each in platform.SETTINGS if each.secret} if platform else {"secret"}
    plain = {each.name for each in platform.SETTINGS if not each.secret} if platform else {"webhook_url"}
    return {name: _shown(name, value, hidden, plain) for name, value in sorted(row.settings.items())}


def _shown(name: str, value: Any, hidden: set[str], plain: set[str]) -> str:
    secret = name in hidden or (name not in plain and any(word in name for word in _SECRET_WORDS))
    if secret and not name.endswith("_file"):
        return MASK if value else ""
    text = ", ".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, Mapping) else str(value)
    return _without_user(text)


def _without_user(text: str) -> str:
    """An address may carry a password before its host, or a key behind its question mark."""
    if "://" not in text:
        return text
    url = urlsplit(text)
    host = url.netloc.rpartition("@")[2]
    return url._replace(
        netloc=host if host == url.netloc else f"{MASK}@{host}", query=MASK if url.query else ""
    ).geturl()


def truths(row: Row[Any]) -> list[Truth]:
    """Price, stock, speed and cancel rules: whose word counts."""
    policy = row.policy or {}
    rules = channel_rules(policy.get("losing", {}))
    services = policy.get("services") or {}
    promised = len(policy.get("promise") or [])
    told = of_kind(row.kind).tells(row.settings)
    throttled = throttle_of(policy)
    stock = f"{tempo_of(policy)}; {'all it may sell' if throttled is None else f'{throttled} % of it'}"
    limit = "" if rules.cancel_limit is None else f"; our cancels stay under {rules.cancel_limit / 100:g} %"
    return [
        Truth("price", "the channel", "set there; kept with each order as it was sold, never written by us"),
        Truth("stock", "the stock book", stock if told else "it is told nothing: it has no address"),
        Truth(
            "speed", "the channel's promise" if not promised else "the promises set here", _speed(services, promised)
        ),
        Truth("cancel", "the conflict policy", f"{' > '.join(rules.path)}{limit}"),
    ]


def _speed(services: Mapping[str, Any], promised: int) -> str:
    known = f"{len(services)} of its services mapped" if services else "its ship-by and carrier as they come"
    return f"{promised} promises; {known}" if promised else known


def policy_lines(row: Row[Any]) -> list[tuple[str, str]]:
    """The rest of what is set, as (name, words)."""
    policy = row.policy or {}
    kept = connecting(row)
    account = kept.get("account") or {}
    lines = [
        ("account", str(account.get("name", ""))),
        *((f"place {ref}", f"{name}: {_site(kept, ref)}") for ref, name in account.get("places", {}).items()),
        ("fee", f"{policy['fee_percent']:g} %" if policy.get("fee_percent") else ""),
        (
            "services",
            "; ".join(f"{words} is {' '.join(ours)}" for words, ours in (policy.get("services") or {}).items()),
        ),
        ("reconcile", f"every {policy['reconcile_minutes']} minutes" if policy.get("reconcile_minutes") else ""),
        ("refunds", "lost parcels that cannot be sent again, by itself" if policy.get("refund_lost") else ""),
        ("override", str(kept.get("override", ""))),
    ]
    return [(name, words) for name, words in lines if words]


def _site(kept: Mapping[str, Any], ref: str) -> str:
    meant = kept.get("places", {}).get(ref)
    return "nobody said what it is" if meant is None else meant or "not ours"


def channel_shown(connection: Connection, code: str) -> dict[str, Any]:
    """All of it as JSON-ready values; raise DomainError("not_found")."""
    row = channel_of(connection, code)
    return {
        "channel": row.code,
        "name": row.name,
        "kind": row.kind,
        "active": bool(row.active),
        "settings": shown_settings(row),
        "policy": dict(policy_lines(row)),
        "truth": {each.what: {"who": each.who, "rule": each.rule} for each in truths(row)},
    }
