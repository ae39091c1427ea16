"""A folder as a printer: one file per job, whole or not at all. For trials and programs that watch a folder."""

import os
import threading
from pathlib import Path

from printing.printers import Printer, PrinterStatus, PrinterUnavailable, Settings

SCHEME = "file"
EXPECTED = f"{SCHEME}:FOLDER, for instance {SCHEME}:/var/spool/labels"
OPTIONS: frozenset[str] = frozenset()


class FilePrinter:
    """Jobs become 000001.zpl, 000002.zpl ... in a folder which must exist."""

    def __init__(self, folder: Path, suffix: str = ".zpl") -> None:
        self.folder, self._suffix = folder, suffix
        self.name = f"{SCHEME}:{folder}"

    def send(self, data: bytes) -> None:
        """Write the job and force it to disk before it gets its name. Raises PrinterUnavailable."""
        draft = self.folder / f".draft-{os.getpid()}-{threading.get_ident()}"
        try:
            with draft.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            self._name(draft, ".pdf" if data.startswith(b"%PDF") else self._suffix)
        except OSError as problem:
            raise PrinterUnavailable(f"{self.folder}: {problem.strerror}") from problem
        finally:
            draft.unlink(missing_ok=True)

    def status(self) -> PrinterStatus:
        """Ready while the folder can be written."""
        if not self.folder.is_dir():
            return PrinterStatus("offline", f"there is no folder {self.folder}")
        if not os.access(self.folder, os.W_OK):
            return PrinterStatus("offline", f"no permission to write in {self.folder}")
        return PrinterStatus("ready", "")

    def recover(self, torn: bytes) -> None:
        """Nothing to do: half a job never gets a name."""

    def _name(self, draft: Path, suffix: str) -> None:
        """Give the draft the next free number; `os.link` refuses to replace another job."""
        number = 1 + max((int(path.stem) for path in self.folder.iterdir() if path.stem.isdecimal()), default=0)
        while True:
            try:
                os.link(draft, self.folder / f"{number:06}{suffix}")
            except FileExistsError:
                number += 1
            else:
                break
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def open_printer(place: str, settings: Settings) -> Printer:
    """`place` is the folder."""
    if not place:
        raise ValueError
    return FilePrinter(Path(place), f".{settings.language}")
