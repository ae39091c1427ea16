"""Inside the machine: real drivers, udev with the rules we ship, a server, then the tests. Started by `image`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.vm import image

EXIT_PORT = 0xF4
DRIVERS = (
    "evdev",
    "usbhid",
    "hid_generic",
    "cdc_acm",
    "usblp",
    "libcomposite",
    "usb_f_hid",
    "usb_f_acm",
    "usb_f_printer",
)
USB_PORTS = 6
SERVER_PORT = 8440
FLOOR = Path("/run/floor")
PACKER = "packer"
"""The user of the bench: nothing but a member of the group of our udev rules."""


def main(floor: str, *words: str) -> int:
    """Exit code of pytest. `floor`: the folder of the server's data, made outside."""
    os.environ |= {"HOME": "/run", "LANG": "C.UTF-8", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    # Else udevadm takes this for somebody's chroot and does nothing.
    os.environ["SYSTEMD_IGNORE_CHROOT"] = "1"
    _plug_in_drivers()
    _start_server(Path(floor))
    code = _tests(words)
    if code:
        print("The server said:", (FLOOR / "server.log").read_text()[-5000:], sep="\n")
    return code


def _plug_in_drivers() -> None:
    found = image.kernel()
    assert found is not None
    modprobe = ["modprobe", "-d", str(found[1])]
    _run(*modprobe, "-a", *DRIVERS)
    _run(*modprobe, "dummy_hcd", f"num={USB_PORTS}")
    _run("mount", "-t", "configfs", "configfs", "/sys/kernel/config")
    shutil.copy(image.ROOT / "deploy" / "udev" / "99-packproof.rules", "/etc/udev/rules.d")
    _run("groupadd", "--system", "packstation")
    _run("useradd", "--system", "--groups", "packstation", PACKER)
    _run(str(image.UDEVD), "--daemon")
    # Somebody else's folders, perhaps closed to others; here they are a copy.
    for path in (image.ROOT, Path(sys.executable).resolve()):
        for folder in path.parents:
            folder.chmod(folder.stat().st_mode | 0o055)


def _start_server(floor: Path) -> None:
    """The real one, on a copy; it starts while the first tests run."""
    shutil.copytree(floor, FLOOR)
    (FLOOR / "server.toml").write_text(f'data_dir = "{FLOOR}"\nport = {SERVER_PORT}\n')
    command = [sys.executable, "-m", "server", "server", "--config", str(FLOOR / "server.toml")]
    with (FLOOR / "server.log").open("wb") as log:
        subprocess.Popen(command, stdout=log, stderr=log)


def _tests(words: tuple[str, ...]) -> int:
    # Plugins and the other tests' fixtures would be imported for minutes.
    inside = os.environ | {"PACKPROOF_VM": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    options = ("-p", "pytest_timeout", "-p", "no:cacheprovider", "--confcutdir=tests/vm", "--basetemp=/run/tests")
    chosen = ("-k", words[0]) if words else ()
    command = [sys.executable, "-m", "pytest", "-v", "--color=no", *options, *chosen, "tests/vm"]
    return subprocess.run(command, env=inside, check=False).returncode


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def end(code: int) -> None:
    """Switch the machine off with this exit code."""
    sys.stdout.flush()
    with Path("/dev/port").open("wb", buffering=0) as port:
        port.seek(EXIT_PORT)
        port.write(bytes([code & 0x7F]))


if __name__ == "__main__":
    failed = 1
    try:
        failed = main(*sys.argv[1:])
    finally:
        end(failed)
