"""The pictures a bench keeps, so that they are there with no server in sight: one file each, named by its hash."""

import hashlib
import os
import re
from contextlib import suppress
from pathlib import Path

from station.files import write_whole

FILES_MAX = 1000
BYTES_MAX = 1_000_000
"""Of one picture; the server's are a tenth of it."""
_DIGEST = re.compile(r"[0-9a-f]{64}")


class NotThePicture(Exception):
    """These bytes are not what they should be."""


class PictureStore:
    """A folder of at most 1,000 pictures; those asked for longest ago go first. Safe from several threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names = {path.stem for path in folder.glob("*.png")}

    def has(self, digest: str) -> bool:
        """Whether it is kept. Asks no disk: the screen waits for this."""
        return digest in self._names

    def touch(self, digest: str) -> bool:
        """Whether it is kept; from now on it counts as fresh."""
        path = self._path(digest)
        if path is None or not self.has(digest):
            return False
        try:
            os.utime(path)
        except OSError:
            self._names.discard(digest)
            return False
        return True

    def read(self, digest: str) -> bytes | None:
        """Its bytes, if they are still what they were; a damaged file is forgotten and fetched again."""
        path = self._path(digest)
        try:
            png = path.read_bytes() if path else None
        except OSError:
            return None
        if path is not None and png is not None and hashlib.sha256(png).hexdigest() != digest:
            self._forget(path)
            return None
        return png

    def keep(self, digest: str, png: bytes) -> None:
        """Keep a picture that was fetched. Raise NotThePicture where the bytes are others, OSError for a full disk."""
        path = self._path(digest)
        if path is None or len(png) > BYTES_MAX or hashlib.sha256(png).hexdigest() != digest:
            raise NotThePicture(f"expected the picture {digest[:64]!r}, found {len(png)} other bytes")
        self._folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, png)
        self._names.add(digest)
        self._make_room()

    def _make_room(self) -> None:
        files = [(entry.stat().st_mtime, entry.path) for entry in os.scandir(self._folder) if entry.is_file()]
        for _, path in sorted(files)[: max(0, len(files) - FILES_MAX)]:
            self._forget(Path(path))

    def _forget(self, path: Path) -> None:
        self._names.discard(path.stem)
        with suppress(OSError):
            path.unlink()

    def _path(self, digest: str) -> Path | None:
        return self._folder / f"{digest}.png" if _DIGEST.fullmatch(digest) else None
