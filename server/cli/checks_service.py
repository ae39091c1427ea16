"""What `doctor` sees of the server and its database."""

import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from server.cli.finding import Finding
from server.config import ServerConfig

_CLOCK_SECONDS_MAX = 30
_FREE_BYTES_MIN = 500_000_000


def server(config: ServerConfig, station: dict[str, Any]) -> Iterator[Finding]:
    """Whether the server answers, its version and its clock; the address is the bench's own where it is enrolled."""
    url = enrolled_url(station) or config.url
    try:
        # Only health is asked, no secret is sent: the certificate matters to the station, which pins it.
        answer = httpx.get(f"{url}/healthz", timeout=3, verify=False)  # noqa: S501
    except httpx.HTTPError as error:
        yield Finding(
            "bad", "server", f"{url}: {error}", "start it: packproof server; or check address, cable, firewall"
        )
        return
    said = _said(answer)
    version = f"version {said['version']}" if "version" in said else ""
    mark, remedy = ("ok", "") if answer.is_success else ("bad", "look at its log; it says what it misses")
    yield Finding(
        "ok" if mark == "ok" else "bad", "server", f"{url} answers {answer.status_code} {version}".rstrip(), remedy
    )
    at = said.get("at")
    if isinstance(at, int | float):
        offset = at - time.time()
        fine = abs(offset) <= _CLOCK_SECONDS_MAX
        remedy = "" if fine else "set both clocks by a time server: sudo timedatectl set-ntp true"
        yield Finding("ok" if fine else "bad", "server clock", f"{offset:+.0f} s from this machine's", remedy)


def database(config: ServerConfig) -> Iterator[Finding]:
    """Engine, schema, a quick check of its pages, and room on the disk. Nothing is written and nothing created."""
    from sqlalchemy.exc import SQLAlchemyError

    path = config.data_dir / "packproof.db"
    if not config.database and not path.exists():
        yield Finding("look", "database", f"none at {path}", "on the server's machine: packproof setup")
        return
    try:
        yield from _opened(config)
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        yield Finding("bad", "database", " ".join(str(cause).split()), "start it, or correct `database` in server.toml")
    if not config.database:
        yield from _disk(config.data_dir)


def _opened(config: ServerConfig) -> Iterator[Finding]:
    from sqlalchemy import text

    from server.cli.opening import schema_is_current
    from server.db.engine import is_sqlite, open_engine

    engine = open_engine(config.database_url)
    try:
        with engine.connect() as connection:
            word = connection.execute(text("SELECT sqlite_version()" if is_sqlite(engine) else "SHOW server_version"))
            yield Finding("ok", "database", f"{engine.dialect.name} {word.scalar()}")
            if is_sqlite(engine):
                verdict = connection.execute(text("PRAGMA quick_check")).scalar()
                fine = verdict == "ok"
                remedy = "" if fine else "stop the server and restore the last backup"
                yield Finding("ok" if fine else "bad", "integrity", str(verdict), remedy)
        current = schema_is_current(engine)
        remedy = "" if current else "packproof setup (or start the server) brings it up to date"
        yield Finding("ok" if current else "bad", "schema", "up to date" if current else "of another version", remedy)
    finally:
        engine.dispose()


def _disk(folder: Path) -> Iterator[Finding]:
    if not os.access(folder, os.W_OK):
        yield Finding("bad", "data folder", f"{folder} cannot be written", "run as the user who owns it")
    free = shutil.disk_usage(folder).free
    fine = free >= _FREE_BYTES_MIN
    remedy = "" if fine else "make room: an order needs its label and its scans stored"
    yield Finding("ok" if fine else "bad", "disk", f"{free / 1e9:.1f} GB free for {folder}", remedy)


def enrolled_url(station: dict[str, Any]) -> str:
    """The address this machine's bench uses; empty when no bench is enrolled here."""
    given = str(station.get("server", {}).get("url", ""))
    state = station.get("station", {}).get("state_dir")
    base = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    try:
        saved = json.loads((Path(state or base / "packproof").expanduser() / "bench.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return given
    return given or str(saved.get("url", ""))


def _said(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
