"""The server's one TOML, checked at start: a wrong key names itself and its neighbours. Secrets come from files."""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from server.domain.errors import DomainError

_NAME_MAX = 64
_MINUTES_MAX = 10_080


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRoute:
    """Who hears of which incidents: by ``mail``, addresses, or at ``webhook``, signed with what is in ``secret_file``.

    ``severity``: this and what is more pressing. Empty ``channels``, ``owners``, ``types``: all of them.
    ``escalate_to``: the route that hears of what nobody took within ``escalate_minutes``.
    """

    name: str
    mail: tuple[str, ...] = ()
    webhook: str = ""
    secret_file: str = ""
    severity: Literal["info", "warning", "urgent"] = "warning"
    channels: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    escalate_to: str = ""
    escalate_minutes: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """How people hear of incidents; without a route nobody does.

    ``mail_server`` is smtp://, starttls:// or smtps://host:port.
    """

    mail_server: str = ""
    mail_from: str = ""
    mail_user: str = ""
    mail_password_file: str = ""
    route: tuple[AlertRoute, ...] = ()


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """Where the server keeps its data and listens.

    ``database`` empty means SQLite in ``data_dir``; ``worker`` false means that `packproof worker` runs apart.
    Beyond loopback the server speaks TLS with the certificate in ``data_dir`` (made at first start) or the given one.
    """

    data_dir: Path = Path("packproof-data")
    database: str = ""
    host: str = "127.0.0.1"
    port: int = 8440
    public_url: str = ""
    certificate: str = ""
    private_key: str = ""
    worker: bool = True
    log_format: str = "json"
    alerts: Alerts = Alerts()

    @property
    def database_url(self) -> str:
        """The database's address."""
        return self.database or f"sqlite:///{(self.data_dir / 'packproof.db').absolute()}"

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server; then it needs no TLS."""
        return self.host in {"127.0.0.1", "::1", "localhost"}

    @property
    def url(self) -> str:
        """The address a bench is told."""
        return self.public_url or f"{'http' if self.loopback else 'https'}://{self.host}:{self.port}"


def load_config(path: Path | None) -> ServerConfig:
    """Read a config file, or the defaults without one; raise DomainError("config") with what was expected and found."""
    if path is None:
        return ServerConfig()
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DomainError("config", f"{path}: {error}") from error
    return ServerConfig(**{key: _checked(path, key, value) for key, value in table.items()})


def _checked(path: Path, key: str, value: Any) -> Any:
    kinds = {f.name: f.type for f in fields(ServerConfig)}
    if key not in kinds:
        near = difflib.get_close_matches(key, kinds, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(kinds)}"
        raise DomainError("config", f"{path}: there is no setting {key}; {hint}")
    if kinds[key] is Alerts:
        return _alerts(path, value)
    wanted: Any = str if kinds[key] is Path else kinds[key]
    if type(value) is not wanted:
        raise DomainError("config", f"{path}: {key} expects {wanted.__name__}, found {value!r}")
    return Path(value) if kinds[key] is Path else value


def _alerts(path: Path, table: Any) -> Alerts:
    """The table [alerts], checked: a route that can reach nobody is refused at start."""
    import msgspec

    from server.typed import learnt

    _known(path, "alerts", table, Alerts)
    for route in table.get("route", ()) if isinstance(table, Mapping) else ():
        _known(path, "alerts.route", route, AlertRoute)
    try:
        found = msgspec.convert(table, learnt(Alerts))
    except msgspec.ValidationError as error:
        raise DomainError("config", f"{path}: alerts: {str(error).replace('`$.', '`')}") from error
    names = [route.name for route in found.route]
    if len(set(names)) < len(names):
        raise DomainError("config", f"{path}: alerts: expected a name of its own for each route, found {names}")
    for route in found.route:
        if flaw := _flaw(found, route):
            raise DomainError("config", f"{path}: alerts: route {route.name[:_NAME_MAX]!r}: {flaw}")
    return found


def _known(path: Path, where: str, table: Any, kind: Any) -> None:
    names = [f.name for f in fields(kind)]
    for key in table if isinstance(table, Mapping) else ():
        if key not in names:
            near = difflib.get_close_matches(key, names, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
            raise DomainError("config", f"{path}: there is no setting {where}.{key}; {hint}")


def _flaw(alerts: Alerts, route: AlertRoute) -> str:
    """Why nobody would hear of anything by this route; empty when somebody does."""
    if not 0 < len(route.name) <= _NAME_MAX or not route.name.isprintable() or set(route.name) & set("<>@ "):
        return f"name: expected 1 to {_NAME_MAX} letters without blanks"
    others = [each.name for each in alerts.route if each.name != route.name]
    if route.escalate_to and route.escalate_to not in others:
        return (
            f"escalate_to: expected another route ({', '.join(others) or 'there is none'}), found {route.escalate_to!r}"
        )
    if not 1 <= route.escalate_minutes <= _MINUTES_MAX:
        return f"escalate_minutes: expected 1 to {_MINUTES_MAX}, found {route.escalate_minutes}"
    if bool(route.mail) == bool(route.webhook):
        return "expected either mail, a list of addresses, or webhook, an address"
    if route.mail:
        if not all("@" in each and each.isprintable() and "," not in each for each in route.mail):
            return f"mail: expected addresses, found {', '.join(route.mail)[:80]!r}"
        url = urlsplit(alerts.mail_server)
        if url.scheme not in {"smtp", "starttls", "smtps"} or not url.hostname or not alerts.mail_from:
            return "expected mail_server (smtp://host:25, starttls://host:587, smtps://host:465) and mail_from"
        return ""
    if urlsplit(route.webhook).scheme not in {"http", "https"}:
        return f"webhook: expected http(s)://host/path, found {route.webhook[:80]!r}"
    return "" if route.secret_file else "secret_file: expected a file that holds whsec_ and base64"
