"""The least a Textual app can do with a scanner: show its bytes. The measure for ``scan_to_screen``."""

import os
import sys
import threading

from textual.app import App, ComposeResult
from textual.widgets import Static


class BareApp(App[None]):
    """Reads a device in a thread and shows each line with a running number."""

    def __init__(self, device: str) -> None:
        super().__init__()
        self.device = device
        self.count = 0

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static("scan 0", id="text", markup=False)

    def on_mount(self) -> None:
        """Start to read."""
        threading.Thread(target=self.read_device, daemon=True).start()

    def read_device(self) -> None:
        """Lines from the device to the screen."""
        fd = os.open(self.device, os.O_RDONLY | os.O_NOCTTY)
        pending = b""
        while chunk := os.read(fd, 4096):
            pending += chunk
            while b"\r" in pending:
                line, _, pending = pending.partition(b"\r")
                self.call_from_thread(self.show, line.decode())

    def show(self, line: str) -> None:
        """Put it on the screen."""
        self.count += 1
        self.query_one("#text", Static).update(f"scan {self.count} {line}")


if __name__ == "__main__":
    BareApp(sys.argv[1]).run()
