"""Chromium as a test sees it: spoken to over a pipe with its DevTools protocol, so that no driver is needed.

https://chromedevtools.github.io/devtools-protocol/
"""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 20.0


def find_chromium() -> str | None:
    """The program, or None where there is none."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Page:
    """One tab. Every method raises AssertionError when the browser does not answer in time."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = to_browser, from_browser
        self._unread = b""
        self._number = 0
        self._session: str | None = None
        self.said: list[str] = []
        """Messages of the console and refusals of the content policy."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One command and its answer."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (answer := self._read(deadline)).get("id") != self._number:
            self._hear(answer)
        assert "error" not in answer, (method, answer["error"])
        result: dict[str, Any] = answer["result"]
        return result

    def size(self, width: int, height: int, scale: float = 1.0) -> None:
        """The window; below 600 pixels it is a phone."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=width < 600,
        )

    def go(self, address: str) -> None:
        """Open an address and wait until it is loaded."""
        self.call("Page.navigate", url=address)
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")

    def cookie(self, address: str, name: str, value: str) -> None:
        """Set a cookie as the server at this address would."""
        self.call("Network.setCookie", url=address, name=name, value=value, httpOnly=True, sameSite="Strict")

    def value(self, script: str) -> Any:
        """What an expression gives, as JSON."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, script: str) -> None:
        """Until an expression is true."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.value(f"Boolean({script})"):
            assert time.monotonic() < deadline, f"never true: {script}; the page says {self.said}"
            time.sleep(0.02)

    def picture(self, path: Path) -> None:
        """What is in the window, as PNG."""
        data = self.call("Page.captureScreenshot", format="png")["data"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(data))

    def _read(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self._from], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"the browser did not answer within {PATIENCE_SECONDS:.0f} s"
            self._unread += os.read(self._from, 1 << 20)
        line, self._unread = self._unread.split(b"\0", 1)
        message: dict[str, Any] = json.loads(line)
        return message

    def _hear(self, message: dict[str, Any]) -> None:
        if message.get("method") == "Log.entryAdded":
            self.said.append(message["params"]["entry"]["text"])
        if message.get("method") == "Runtime.exceptionThrown":
            self.said.append(str(message["params"]["exceptionDetails"]))


@contextmanager
def chromium(program: str) -> Iterator[Page]:
    """A fresh browser with one tab; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="pp-chromium-"))
    pipes = [folder / "in", folder / "out"]
    for pipe in pipes:
        os.mkfifo(pipe)
    # Opened for both directions, so that nobody waits for the other end.
    to_browser, from_browser = (os.open(pipe, os.O_RDWR) for pipe in pipes)
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-pipe"]
    flags += ["--disable-dev-shm-usage", f"--user-data-dir={folder / 'profile'}"]
    script = 'exec "$@" 3<"$0/in" 4>"$0/out"'
    process = subprocess.Popen(
        ["sh", "-c", script, str(folder), program, *flags], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield Page(to_browser, from_browser)
    finally:
        process.terminate()
        process.wait()
        os.close(to_browser)
        os.close(from_browser)
        shutil.rmtree(folder, ignore_errors=True)
