"""The demo's child processes: free ports, logs, a clean stop, and no orphans even when the demo itself is killed."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from server.domain.errors import Unavailable

_PR_SET_PDEATHSIG = 1
_STOP_SECONDS = 10.0
_POLL_SECONDS = 0.03
_PORTS = 65_536


def free_port(preferred: int = 0) -> int:
    """The preferred port if nobody listens there, else any free one on loopback."""
    for port in (preferred, 0):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)) as found:
            return int(found.getsockname()[1])
    raise Unavailable("there is no free port on this machine")


def free_ports(count: int, preferred: int = 0) -> int:
    """The first of so many ports in a row where nobody listens: the preferred ones if they are free."""
    for _ in range(100):
        first = free_port(preferred)
        preferred = 0
        if first + count < _PORTS and all(free_port(first + nth) == first + nth for nth in range(1, count)):
            return first
    raise Unavailable(f"there are no {count} free ports in a row on this machine")


def listens(port: int) -> bool:
    """Whether something on loopback takes connections there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def loopback_needs_no_proxy() -> None:
    """A proxy in the environment must not be asked for addresses of this machine; children inherit this."""
    there = os.environ.get("no_proxy") or os.environ.get("NO_PROXY", "")
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(filter(None, (there, "127.0.0.1", "localhost")))


def die_with_parent() -> None:
    """Run in a new child: it gets SIGTERM when the demo dies, however it dies (man 2 prctl; Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass(slots=True)
class Children:
    """Processes of this demo, stopped in the reverse order of their start."""

    logs: Path
    _running: list[tuple[str, subprocess.Popen[bytes]]] = field(default_factory=list)

    def start(self, name: str, module: str, *arguments: str, env: Mapping[str, str] | None = None) -> None:
        """Start `python -m module`; what it says goes to a log named after it. Terminal signals do not reach it."""
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **(env or {})},
                process_group=0,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - no thread is running yet that could hold a lock.
            )
        self._running.append((name, process))

    def until(self, ready: Callable[[], bool], what: str, seconds: float = 30.0) -> None:
        """Wait for the condition; raise Unavailable when time is over or a child ended."""
        deadline = time.monotonic() + seconds
        while not ready():
            for name, process in self._running:
                if process.poll() is not None:
                    raise Unavailable(f"the {name} ended with {process.returncode}; see {self.logs / name}.log")
            if time.monotonic() > deadline:
                raise Unavailable(f"waited {seconds:.0f} s for {what}; see {self.logs}")
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """SIGTERM, and SIGKILL for whoever does not end in time."""
        for _, process in reversed(self._running):
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        for _, process in reversed(self._running):
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()


def in_terminal(command: Sequence[str]) -> int:
    """Run a program in this terminal and wait; keys like Ctrl-C are its own affair meanwhile. Returns its exit code."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = subprocess.Popen(command, preexec_fn=_terminal_child)  # noqa: PLW1509 - as above.
        try:
            return process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
    finally:
        signal.signal(signal.SIGINT, before)


def _terminal_child() -> None:
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
