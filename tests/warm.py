"""Processes of ours without the seconds of their imports: each is a fork of one that has these behind it.

They are real processes with numbers of their own, to be killed, stopped and waited for; only what ``import`` does
is shared. The tests of the command line itself start the interpreter.
"""

import atexit
import functools
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import types
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

_SERVER = (
    "server.__main__",
    "server.app",
    "server.cli.opening",
    "server.cli.server_",
    "server.worker",
    "uvloop",
    "uvicorn.lifespan.on",
)
_HTTP = (
    "uvicorn.protocols.http.httptools_impl",
    "sqlalchemy.dialects.sqlite",
    "sqlalchemy.dialects.postgresql.psycopg",
)
SERVER = (*_SERVER, *_HTTP)
"""What a server has imported when it listens."""
STATION = ("scanners.sources", "station.app", "station.pictures.gallery", "tests.bench_floor", "tests.fake_bench")
"""What a station has imported when it shows its first screen."""


class _HasFileno(Protocol):
    def fileno(self) -> int: ...


class Process:
    """What ``start`` made; as ``subprocess.Popen`` where tests need it."""

    def __init__(self, source: "_Source", pid: int) -> None:
        self.pid, self._source = pid, source
        self.returncode: int | None = None
        """As the shell knows it; negative for the signal that ended it; None while it runs."""

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        if self.returncode is None:
            self.returncode = self._source.ask({"poll": self.pid})
        return self.returncode

    def wait(self, timeout: float = 60.0) -> int:
        """The exit code once it has ended; raises subprocess.TimeoutExpired after ``timeout`` seconds."""
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(0.005)
        return code

    def send_signal(self, number: int) -> None:
        """Nothing when it has ended; nobody else has its number before that was heard by ``poll``."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)


def start(
    code: str,
    *args: str,
    imports: Sequence[str] = SERVER,
    stdin: _HasFileno | int = 0,
    stdout: _HasFileno | int = 1,
    stderr: _HasFileno | int = 2,
    env: Mapping[str, str] | None = None,
) -> Process:
    """As ``python -c CODE ARGS``, where ``imports`` were made before."""
    files = [each if isinstance(each, int) else each.fileno() for each in (stdin, stdout, stderr)]
    source = _source(tuple(imports))
    wish = {"code": code, "args": list(args), "env": dict(os.environ if env is None else env), "cwd": os.getcwd()}  # noqa: PTH109
    return Process(source, source.ask(wish, files))


class _Source:
    """The process that is copied; it ends, with all of its copies, when this one does."""

    def __init__(self, imports: Sequence[str]) -> None:
        self._lock = threading.Lock()
        self._line, other = socket.socketpair()
        command = [sys.executable, "-m", "tests.warm", str(other.fileno()), *imports]
        with other:
            self._process = subprocess.Popen(command, pass_fds=[other.fileno()], stdin=subprocess.DEVNULL)
        atexit.register(self._close)

    def ask(self, wish: dict[str, Any], files: Sequence[int] = ()) -> Any:
        """Its answer."""
        message = json.dumps(wish).encode() + b"\n"
        with self._lock:
            sent = socket.send_fds(self._line, [message], list(files)) if files else 0
            self._line.sendall(message[sent:])
            return json.loads(_one_line(self._line)[0])

    def _close(self) -> None:
        self._line.close()
        self._process.wait(30)


@functools.cache
def _source(imports: tuple[str, ...]) -> _Source:
    return _Source(imports)


def _one_line(line: socket.socket) -> tuple[bytes, list[int]]:
    """A message and the files that came with it; empty when the other side is gone."""
    data, files = b"", list[int]()
    while not data.endswith(b"\n"):
        part, some, _, _ = socket.recv_fds(line, 65536, 3)
        if not part:
            return b"", files
        data, files = data + part, files + some
    return data, files


def _until_copied(line: socket.socket) -> dict[str, Any] | None:
    """Serve; in each copy, the wish it was made for. None when nobody can wish any more."""
    alive = set[int]()
    while message := _one_line(line):
        data, files = message
        if not data:
            break
        wish = json.loads(data)
        if "poll" in wish:
            answer = _ended(wish["poll"])
            alive -= {wish["poll"]} if answer is not None else set()
        else:
            answer = os.fork()
            if not answer:
                line.close()
                _take(files)
                return dict(wish)
            alive.add(answer)
            for each in files:
                os.close(each)
        line.sendall(json.dumps(answer).encode() + b"\n")
    for pid in alive:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return None


def _ended(pid: int) -> int | None:
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def _take(files: Sequence[int]) -> None:
    """These are standard input, output and error from now on."""
    for number, each in enumerate(files):
        os.dup2(each, number)
        os.close(each)


def _main() -> None:
    for name in sys.argv[2:]:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    wish = _until_copied(socket.socket(fileno=int(sys.argv[1])))
    if wish is None:
        return
    os.environ.clear()
    os.environ.update(wish["env"])
    os.chdir(wish["cwd"])
    sys.argv = ["-c", *wish["args"]]
    sys.modules["__main__"] = main = types.ModuleType("__main__")
    exec(compile(wish["code"], "<warm>", "exec"), main.__dict__)


if __name__ == "__main__":
    _main()
