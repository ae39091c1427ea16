"""The server's one TOML, checked at start: a wrong key names itself and its neighbours. Secrets come from files."""

import difflib
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from server.domain.errors import DomainError


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
    wanted: Any = str if kinds[key] is Path else kinds[key]
    if type(value) is not wanted:
        raise DomainError("config", f"{path}: {key} expects {wanted.__name__}, found {value!r}")
    return Path(value) if kinds[key] is Path else value
