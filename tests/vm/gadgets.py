"""USB devices played through the kernel's gadget drivers, plugged into this very machine.

Each stands on a USB port of its own. Only `plug_in` and `unplug` move cables; everything else is what the device does.
The formats: https://docs.kernel.org/usb/gadget_configfs.html
"""

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

CONFIGFS = Path("/sys/kernel/config/usb_gadget")
SOON_SECONDS = 20.0


def until(true: Callable[[], object], what: str, seconds: float = SOON_SECONDS, pause: float = 0.01) -> None:
    """Wait for it."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what}"
        time.sleep(pause)


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on a device: numbers of maker and product as `lsusb` shows them, and three texts."""

    maker: int
    product: int
    maker_name: str
    name: str
    serial: str = ""

    @property
    def by_id(self) -> str:
        """As udev writes it."""
        words = (self.maker_name, self.name, self.serial)
        return "usb-" + "_".join(word.replace(" ", "_") for word in words if word)


class Gadget:
    """A device with one function. A context: plugged in at its beginning, gone after its end."""

    function = ""

    def __init__(self, label: Label, port: int = 0) -> None:
        """`port`: the USB port of this machine, from 0."""
        self.label = label
        self._udc = f"dummy_udc.{port}"
        self._folder = CONFIGFS / f"device{port}"
        self._part = self._folder / "functions" / f"{self.function}.{port}"
        self._configuration = self._folder / "configs" / "c.1"
        for folder in (self._folder, self._folder / "strings" / "0x409", self._configuration, self._part):
            folder.mkdir()
        self._write("idVendor", f"{label.maker:#06x}")
        self._write("idProduct", f"{label.product:#06x}")
        for name, text in (("manufacturer", label.maker_name), ("product", label.name), ("serialnumber", label.serial)):
            if text:
                self._write(f"strings/0x409/{name}", text)

    def _write(self, name: str, value: str) -> None:
        (self._folder / name).write_text(f"{value}\n")

    def plug_in(self) -> None:
        self._write("UDC", self._udc)

    def unplug(self) -> None:
        self._write("UDC", "")

    @property
    def plugged_in(self) -> bool:
        return bool((self._folder / "UDC").read_text().strip())

    def __enter__(self) -> Self:
        # Its settings are fixed from now on.
        (self._configuration / self._part.name).symlink_to(self._part)
        try:
            self.plug_in()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self.plugged_in:
            self.unplug()
        (self._configuration / self._part.name).unlink()
        for folder in (self._part, self._configuration, self._folder / "strings" / "0x409", self._folder):
            folder.rmdir()
        # Its names are gone too before another device comes.
        subprocess.run(["udevadm", "settle"], check=True)
