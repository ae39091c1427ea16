"""What the machine boots: Debian's stock kernel, and an initial file system of busybox, four drivers and one script."""

import gzip
import lzma
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
UNPACKED = ROOT / "build" / "vm" / "kernel"
"""Where `make vm-kernel` puts a kernel; without it, one that is installed here is taken."""
QEMU, BUSYBOX = "qemu-system-x86_64", "/bin/busybox"
UDEVD = Path("/lib/systemd/systemd-udevd")
_FILES_OF_HOST = ("virtio_pci", "9p", "9pnet_virtio", "overlay")

_FIRST_SCRIPT = """#!/bin/busybox sh
export PATH=/sbin:/bin:/usr/sbin:/usr/bin
busybox mount -t proc proc /proc
for module in /modules/*; do busybox insmod $module; done
busybox mount -t 9p -o ro,trans=virtio,version=9p2000.L,cache=loose,msize=262144 host /host
busybox mount -t tmpfs memory /memory
busybox mkdir /memory/written /memory/work
busybox mount -t overlay -o lowerdir=/host,upperdir=/memory/written,workdir=/memory/work machine /machine
busybox mount -t proc proc /machine/proc
busybox mount -t sysfs sysfs /machine/sys
busybox mount -t devtmpfs dev /machine/dev
busybox mkdir -p /machine/dev/pts /machine/dev/shm
busybox mount -t devpts -o ptmxmode=666 pts /machine/dev/pts
busybox mount -t tmpfs shm /machine/dev/shm
busybox mount -t tmpfs run /machine/run
busybox ifconfig lo 127.0.0.1 up
busybox chroot /machine /bin/sh -c {command}
busybox poweroff -f
"""


def kernel() -> tuple[Path, Path, str] | None:
    """(its image, the folder that has its lib/modules, its version) of the newest there is."""
    for root in (UNPACKED, Path("/")):
        for image in sorted((root / "boot").glob("vmlinuz-*"), reverse=True):
            version = image.name.removeprefix("vmlinuz-")
            if (root / "lib" / "modules" / version).is_dir():
                return image, root, version
    return None


def lacking() -> list[str]:
    """What has to be installed first, as the README says; empty when the machine can start."""
    needs = {
        "qemu-system-x86": shutil.which(QEMU),
        "busybox-static": Path(BUSYBOX).exists(),
        "kmod": _kmod("modprobe"),
        "udev": UDEVD.exists(),
        "a kernel of Debian (make vm-kernel)": kernel(),
    }
    return [name for name, found in needs.items() if not found]


def build(folder: Path, command: Sequence[str]) -> tuple[Path, Path]:
    """Kernel and initial file system, which runs this command in the project's folder."""
    found = kernel()
    assert found is not None
    image, root, version = found
    _number_modules(root, version)
    tree = folder / "initial"
    for name in ("proc", "host", "memory", "machine", "bin", "modules"):
        (tree / name).mkdir(parents=True)
    shutil.copy(BUSYBOX, tree / "bin" / "busybox")
    for number, module in enumerate(_modules(root, version)):
        (tree / "modules" / f"{number:02}-{module.name.removesuffix('.xz')}").write_bytes(_unpacked(module))
    script = tree / "init"
    script.write_text(
        _FIRST_SCRIPT.format(command=shlex.quote(f"cd {shlex.quote(str(ROOT))} && {shlex.join(command)}"))
    )
    script.chmod(0o755)
    names = "\n".join(str(path.relative_to(tree)) for path in sorted(tree.rglob("*")))
    archive = subprocess.run(
        [BUSYBOX, "cpio", "-o", "-H", "newc"], cwd=tree, input=names.encode(), capture_output=True, check=True
    )
    initial = folder / "initial.gz"
    initial.write_bytes(gzip.compress(archive.stdout, 1))
    return image, initial


def _number_modules(root: Path, version: str) -> None:
    """Who needs whom among the modules: a kernel that was only unpacked does not know yet."""
    if not (root / "lib" / "modules" / version / "modules.dep").exists():
        subprocess.run([_kmod("depmod"), "-b", str(root), version], check=True)


def _modules(root: Path, version: str) -> Iterator[Path]:
    """The drivers of the files of this machine, each after those it needs."""
    seen: set[str] = set()
    for name in _FILES_OF_HOST:
        command = [_kmod("modprobe"), "-d", str(root), "-S", version, "--show-depends", name]
        for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
            what, _, path = line.strip().partition(" ")
            if what == "insmod" and path not in seen:
                seen.add(path)
                yield Path(path)


def _unpacked(module: Path) -> bytes:
    return lzma.decompress(module.read_bytes()) if module.suffix == ".xz" else module.read_bytes()


def _kmod(tool: str) -> str:
    """A tool of the package kmod; empty when there is none."""
    return shutil.which(tool, path="/sbin:/usr/sbin:/bin:/usr/bin") or ""
