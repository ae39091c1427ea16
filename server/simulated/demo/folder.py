"""The demo's folder: which is ours to delete, what it remembers, and that only one demo runs in it."""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from server.domain.errors import DomainError

_MARK = "packproof-demo.json"


@dataclass(slots=True)
class Memory:
    """Kept between starts: ports that worked, and the secrets of this demo (which opens to this machine only)."""

    password: str = field(default_factory=lambda: secrets.token_hex(4))
    server_port: int = 0
    shop_port: int = 0
    printer_port: int = 0
    platforms_port: int = 0
    numbers_used: int = 0
    """Of the orders that the platforms sold before."""
    furnished: bool = False
    """Goods, people and the shop's channel are in place."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Where everything of one demo lies."""

    path: Path
    memory: Memory
    fresh: bool

    @property
    def data(self) -> Path:
        """The server's data folder."""
        return self.path / "server"

    @property
    def labels(self) -> Path:
        """The printer's labels."""
        return self.path / "labels"

    @property
    def shop(self) -> Path:
        """The shop's own folder."""
        return self.path / "shop"

    @property
    def station(self) -> Path:
        """The bench's own folder."""
        return self.path / "station"

    @property
    def platforms(self) -> Path:
        """The settings of channels to the simulated platforms."""
        return self.path / "platforms"

    @property
    def logs(self) -> Path:
        """What the processes say."""
        return self.path / "logs"

    def remember(self) -> None:
        """Write the memory, readable by its owner only, whole or not at all."""
        draft = self.path / f".{_MARK}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(asdict(self.memory), file, indent=2)
        draft.replace(self.path / _MARK)


@contextmanager
def claimed(path: Path, fresh: bool) -> Iterator[Folder]:
    """The folder while this demo runs; ``fresh`` empties one that is ours.

    Raise DomainError("demo") for a folder with something else in it, or when a demo runs there already.
    """
    path = path.absolute()
    strange = path.exists() and any(path.iterdir()) and not (path / _MARK).exists()
    if strange:
        raise DomainError("demo", f"{path} holds something that is not a demo; name another folder with --dir")
    path.mkdir(parents=True, exist_ok=True)
    lock = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if fresh:
            _empty(path)
        yield _opened(path)
    except BlockingIOError:
        raise DomainError("demo", f"a demo is running in {path} already; end it, or name another with --dir") from None
    finally:
        os.close(lock)


def _empty(path: Path) -> None:
    """The folder itself stays: it is what is locked."""
    for inside in path.iterdir():
        shutil.rmtree(inside) if inside.is_dir() and not inside.is_symlink() else inside.unlink()


def _opened(path: Path) -> Folder:
    try:
        memory = Memory(**json.loads((path / _MARK).read_text(encoding="utf-8")))
    except FileNotFoundError:
        folder = Folder(path, Memory(), fresh=True)
        folder.remember()
        return folder
    except (ValueError, TypeError) as error:
        raise DomainError("demo", f"{path / _MARK} is damaged; `packproof demo --fresh` begins anew") from error
    return Folder(path, memory, fresh=False)
