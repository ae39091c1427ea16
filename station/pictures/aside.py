"""The other end of ``station.pictures.drawing``: a process that draws, started when the first picture is wanted."""

import base64
import json
import subprocess
import sys
from typing import IO


class CannotDraw(Exception):
    """This picture did not become one; the sentence says why."""


class Aside:
    """Used by one thread. The process ends when this one does: its input is at an end then."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def draw(
        self, png: bytes, size: tuple[int, int], cell: tuple[int, int], ground: tuple[int, int, int]
    ) -> tuple[str, ...]:
        """As ``drawing.drawn``; raise CannotDraw. A process that has died is started again for the next picture."""
        words = {"png": base64.standard_b64encode(png).decode("ascii"), "size": size, "cell": cell, "ground": ground}
        try:
            answer = self._asked(json.dumps(words))
        except (OSError, ValueError) as error:
            self.close()
            raise CannotDraw(f"the process that draws is gone: {error}") from error
        if not isinstance(answer, list):
            raise CannotDraw(str(answer))
        return tuple(map(str, answer))

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _asked(self, line: str) -> object:
        to, back = self._pipes()
        to.write(line + "\n")
        to.flush()
        return json.loads(back.readline())

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        if self._process is None:
            command = [sys.executable, "-m", "station.pictures.drawing"]
            # What it has to say must not come to the screen, and no key of the terminal may end it.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                start_new_session=True,
            )
        to, back = self._process.stdin, self._process.stdout
        if to is None or back is None:
            raise OSError("no pipes")
        return to, back
