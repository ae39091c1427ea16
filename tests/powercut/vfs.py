"""Stands between SQLite and the disk: every write, truncation, sync and removal can be written down, or fail.

The functions of SQLite's own file layer are called through; only those four are ours (https://sqlite.org/vfs.html).
"""

import _sqlite3
import ctypes
import sqlite3  # noqa: F401 - loads the library whose file layer is replaced
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from pathlib import Path
from typing import Any

OK, FULL, READONLY, IOERR_WRITE, IOERR_FSYNC = 0, 13, 8, 10 | 3 << 8, 10 | 4 << 8
"""Result codes: https://sqlite.org/rescode.html"""

_METHODS = "xClose xRead xWrite xTruncate xSync xFileSize xLock xUnlock xCheckReservedLock xFileControl xSectorSize"
_METHODS += " xDeviceCharacteristics xShmMap xShmLock xShmBarrier xShmUnmap xFetch xUnfetch"


class _Methods(Structure):
    _fields_ = [("iVersion", c_int), *((name, c_void_p) for name in _METHODS.split())]


class _File(Structure):
    _fields_ = [("methods", POINTER(_Methods))]


class _Vfs(Structure):
    pass


_OPEN = CFUNCTYPE(c_int, POINTER(_Vfs), c_void_p, POINTER(_File), c_int, POINTER(c_int))
_DELETE = CFUNCTYPE(c_int, POINTER(_Vfs), c_char_p, c_int)
_WRITE = CFUNCTYPE(c_int, POINTER(_File), c_void_p, c_int, c_int64)
_TRUNCATE = CFUNCTYPE(c_int, POINTER(_File), c_int64)
_SYNC = CFUNCTYPE(c_int, POINTER(_File), c_int)
_OTHERS = "xAccess xFullPathname xDlOpen xDlError xDlSym xDlClose xRandomness xSleep xCurrentTime xGetLastError"
_Vfs._fields_ = [
    ("iVersion", c_int),
    ("szOsFile", c_int),
    ("mxPathname", c_int),
    ("pNext", c_void_p),
    ("zName", c_char_p),
    ("pAppData", c_void_p),
    ("xOpen", _OPEN),
    ("xDelete", _DELETE),
    *((name, c_void_p) for name in _OTHERS.split()),
]


def available() -> bool:
    """Whether this Python's SQLite is a library whose file layer can be replaced."""
    return hasattr(_library(), "sqlite3_vfs_register")


def _library() -> ctypes.CDLL:
    return ctypes.CDLL(getattr(_sqlite3, "__file__", None))


class Disk:
    """What happens to files below a folder. Override ``fails`` to refuse; ``wrote`` and the others are told after."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)
        self.lock = threading.Lock()

    def fails(self, _what: str, _name: str) -> int:
        """A result code instead of doing it; OK lets it through."""
        return OK

    def wrote(self, name: str, offset: int, data: bytes) -> None:
        """Bytes went to a file."""

    def truncated(self, name: str, size: int) -> None:
        """A file has this size now."""

    def synced(self, name: str) -> None:
        """All bytes of a file are on the disk, and its name too."""

    def deleted(self, name: str) -> None:
        """A file is gone."""


@contextmanager
def on(disk: Disk) -> Iterator[None]:
    """Every database opened in this block, below the disk's folder, goes through it."""
    layer = _Layer(disk)
    library = _library()
    library.sqlite3_vfs_register(ctypes.byref(layer.vfs), 1)
    try:
        yield
    finally:
        library.sqlite3_vfs_unregister(ctypes.byref(layer.vfs))


class _Layer:
    """The replaced functions; kept alive as long as any file is open."""

    def __init__(self, disk: Disk) -> None:
        library = _library()
        library.sqlite3_vfs_find.restype = POINTER(_Vfs)
        self._disk, self._base = disk, library.sqlite3_vfs_find(None).contents
        self._names: dict[int, str] = {}
        self._tables: dict[int, _Methods] = {}
        self._kept: list[Any] = []
        self.vfs = _Vfs()
        ctypes.pointer(self.vfs)[0] = self._base
        self.vfs.zName = b"watched"
        self.vfs.pNext = None
        self.vfs.xOpen, self.vfs.xDelete = _OPEN(self._open), _DELETE(self._delete)
        _alive.append(self)

    def _open(self, vfs: Any, name: int | None, file: Any, flags: int, out: Any) -> int:
        """``name`` stays a pointer: SQLite's own layer keeps it, and names the shared memory after it later."""
        code = int(self._base.xOpen(vfs, name, file, flags, out))
        path = ctypes.string_at(name).decode() if name else ""
        if code == OK and path.startswith(self._disk.folder):
            own = ctypes.cast(file.contents.methods, c_void_p).value or 0
            if own not in self._tables:
                self._tables[own] = self._watched(file.contents.methods.contents)
            self._names[ctypes.addressof(file.contents)] = Path(path).name
            file.contents.methods = ctypes.pointer(self._tables[own])
        return code

    def _delete(self, vfs: Any, name: bytes, sync_folder: int) -> int:
        code = int(self._base.xDelete(vfs, name, sync_folder))
        if code == OK and name.decode().startswith(self._disk.folder):
            with self._disk.lock:
                self._disk.deleted(Path(name.decode()).name)
        return code

    def _watched(self, own: _Methods) -> _Methods:
        table = _Methods()
        ctypes.pointer(table)[0] = own
        write, truncate, sync = _WRITE(own.xWrite), _TRUNCATE(own.xTruncate), _SYNC(own.xSync)

        def on_write(file: Any, data: int, size: int, offset: int) -> int:
            with self._disk.lock:
                name = self._names[ctypes.addressof(file.contents)]
                code = self._disk.fails("write", name) or int(write(file, data, size, offset))
                if code == OK:
                    self._disk.wrote(name, offset, ctypes.string_at(data, size))
                return code

        def on_truncate(file: Any, size: int) -> int:
            with self._disk.lock:
                name = self._names[ctypes.addressof(file.contents)]
                code = self._disk.fails("truncate", name) or int(truncate(file, size))
                if code == OK:
                    self._disk.truncated(name, size)
                return code

        def on_sync(file: Any, flags: int) -> int:
            with self._disk.lock:
                name = self._names[ctypes.addressof(file.contents)]
                code = self._disk.fails("sync", name) or int(sync(file, flags))
                if code == OK:
                    self._disk.synced(name)
                return code

        made = (_WRITE(on_write), _TRUNCATE(on_truncate), _SYNC(on_sync))
        self._kept.extend((*made, write, truncate, sync))
        table.xWrite, table.xTruncate, table.xSync = (ctypes.cast(f, c_void_p).value for f in made)
        return table


_alive: list[_Layer] = []
"""SQLite keeps pointers into these as long as a file is open."""
