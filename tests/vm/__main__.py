"""`python -m tests.vm [word]`: start the machine, show what it says, end with its exit code; say it without QEMU."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.vm import image
from tests.vm.floor import prepare
from tests.vm.guest import SERVER_PORT

MEMORY = "1536"
LONGEST_SECONDS = 1800


def main(words: list[str]) -> int:
    """Exit code of the tests inside: 0 when all passed or the machine cannot be started here."""
    lacking = image.lacking()
    if lacking:
        print(f"SKIPPED: the tests on a real kernel need {', '.join(lacking)}: see README.md, The kernel's side")
        return 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        floor = Path(folder) / "floor"
        prepare(floor, f"http://127.0.0.1:{SERVER_PORT}")
        kernel, initial = image.build(Path(folder), [sys.executable, "-m", "tests.vm.guest", str(floor), *words])
        command = _machine(kernel, initial)
        code = subprocess.run(command, stdin=subprocess.DEVNULL, timeout=LONGEST_SECONDS, check=False).returncode
    print(f"{time.monotonic() - began:.0f} s with the start of the machine")
    # The guest writes its exit code to a device of QEMU, which ends with twice that and one; with 0 if the guest died.
    if code % 2 == 0:
        print(f"the machine ended by itself (QEMU: {code})")
        return 1
    return code >> 1


def _machine(kernel: Path, initial: Path) -> list[str]:
    return [
        *(image.QEMU, "-accel", "tcg,tb-size=512", "-machine", "q35", "-cpu", "max", "-smp", "2", "-m", MEMORY),
        *("-display", "none", "-serial", "stdio", "-nic", "none", "-no-reboot"),
        *("-kernel", str(kernel), "-initrd", str(initial)),
        *("-append", "console=ttyS0 quiet panic=-1 mitigations=off"),
        *("-fsdev", "local,id=host,path=/,security_model=none,readonly=on,multidevs=remap"),
        *("-device", "virtio-9p-pci,fsdev=host,mount_tag=host"),
        *("-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"),
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
