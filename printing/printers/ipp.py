"""A queue of CUPS, or a printer that speaks IPP itself (RFC 8010 and 8011), asked and fed over HTTP.

Spoken here and not by a child `lp`: that tells nothing of the printer, needs CUPS on the bench, and costs a process for
each look. A job travels in one HTTP message of known length, so half a one never prints.

A job is followed by its number. "Completed" means paper where the printer itself speaks IPP, also with CUPS before it
(RFC 8011, 5.3.7: all sheets lie in the tray). A queue of CUPS for any other printer, or for a queue of another CUPS,
says so as soon as it has passed the bytes on: whether paper came out it cannot tell, and nothing here is "printed".
"""

import http.client
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from printing.printers import Fate, Printer, PrinterStatus, PrinterUnavailable, Settings, TakenBack
from printing.printers.troubles import Trouble

SCHEME = "ipp"
EXPECTED = "ipp:HOST[:PORT]/printers/QUEUE"
OPTIONS: frozenset[str] = frozenset()
_DEFAULT_PORT = 631
_SECONDS = 5.0
_PRINT_JOB, _CANCEL_JOB, _GET_JOB_ATTRIBUTES, _GET_PRINTER_ATTRIBUTES = 0x0002, 0x0008, 0x0009, 0x000B
_OPERATION_GROUP, _END = 0x01, 0x03
_INTEGER, _ENUM, _BOOLEAN, _KEYWORD = 0x21, 0x23, 0x22, 0x44
_NAME, _URI, _CHARSET, _LANGUAGE, _MIME = 0x42, 0x45, 0x47, 0x48, 0x49
_NUMBER_BYTES = 4
_STOPPED = 5
_PENDING, _GIVEN_UP, _COMPLETED = (3, 4), (7, 8), 9
"""States of a job (RFC 8011, 5.3.7): pending and held; cancelled and aborted; completed."""
_PASSED_ON = b"queued-in-device"
_FOLLOWED = ("ipp:", "ipps:", "http:", "https:")
"""Devices of CUPS that it follows to the end; those it finds by name (dnssd) have it in their name."""
_QUEUES = ("/printers/", "/classes/")
"""Paths of queues of CUPS; a printer that speaks IPP itself answers at /ipp/print (RFC 8011 with IPP Everywhere)."""
_WE = (_NAME, "requesting-user-name", b"packproof")
_LONGEST_ANSWER = 1 << 20
_FORMATS = {"zpl": "application/vnd.cups-raw", "escpos": "application/vnd.cups-raw", "pdf": "application/pdf"}
# RFC 8011, 5.4.12; a suffix (-error, -warning, -report) is cut off before.
_REASONS = {
    "media-empty": Trouble.PAPER_OUT,
    "media-needed": Trouble.PAPER_OUT,
    "media-jam": Trouble.ERROR,
    "cover-open": Trouble.COVER_OPEN,
    "door-open": Trouble.COVER_OPEN,
    "interlock-open": Trouble.COVER_OPEN,
    "marker-supply-empty": Trouble.RIBBON_OUT,
    "paused": Trouble.PAUSED,
    "moving-to-paused": Trouble.PAUSED,
    "fuser-over-temp": Trouble.HOT,
    "spool-area-full": Trouble.BUFFER_FULL,
    "offline": Trouble.UNREACHABLE,
    "connecting-to-device": Trouble.UNREACHABLE,
    "shutdown": Trouble.UNREACHABLE,
    "timed-out": Trouble.SILENT,
}
Attributes = dict[str, list[bytes]]


class QueuePrinter:
    """One queue at host and port."""

    remembers = True

    def __init__(self, host: str, port: int, path: str, settings: Settings) -> None:
        self._host, self._port, self._path = host, port, path
        self._format = _FORMATS[settings.language]
        self.name = f"{SCHEME}:{host}:{port}{path}"

    def send(self, data: bytes) -> str | None:
        """Print-Job: the queue has it whole or not at all; the number it gives. Raises PrinterUnavailable."""
        more = [_WE, (_NAME, "job-name", b"packproof"), (_MIME, "document-format", self._format.encode())]
        try:
            answer = self._call(_PRINT_JOB, more, data)
        except ConnectionRefusedError as problem:
            raise PrinterUnavailable(self._unreachable(problem)) from problem
        except (OSError, http.client.HTTPException, ValueError) as problem:
            # The answer may be what was lost.
            raise PrinterUnavailable(self._unreachable(problem), "all") from problem
        if answer.status >= 0x0400:
            raise PrinterUnavailable(f"the queue refused the job (IPP {answer.status:#06x})")
        number = _number(answer.attributes, "job-id")
        return None if number is None else str(number)

    def fate(self, ticket: str) -> Fate:
        """Get-Job-Attributes."""
        try:
            job = self._job(ticket, b"job-state", b"job-state-reasons")
            if job is None or (state := _number(job, "job-state")) is None:
                return "forgotten"
            if state in _GIVEN_UP:
                return "gone"
            if state != _COMPLETED:
                return "waits"
            passed_on = _PASSED_ON in job.get("job-state-reasons", [])
            return "unknown" if passed_on or not self._sees_paper() else "printed"
        except (OSError, http.client.HTTPException, ValueError):
            return "waits"

    def take_back(self, ticket: str) -> TakenBack:
        """Cancel-Job, for one that has not begun: of any other a part may be on paper."""
        cancelled = False
        try:
            job = self._job(ticket, b"job-state")
            if job is None or _number(job, "job-state") not in _PENDING:
                return "stays"
            cancelled = True
            self._call(_CANCEL_JOB, _whose(ticket))
            job = self._job(ticket, b"job-state", b"time-at-processing") or {}
        except (OSError, http.client.HTTPException, ValueError):
            return "unsure" if cancelled else "stays"
        if _number(job, "job-state") in _PENDING:
            return "stays"
        # Without a value ("no-value") it was cancelled before it began.
        never_began = job.get("time-at-processing") == [b""]
        return "taken" if never_began and _number(job, "job-state") in _GIVEN_UP else "unsure"

    def recover(self, torn: bytes) -> None:
        """Nothing to do: the queue drops a message that ended early."""

    def status(self) -> PrinterStatus:
        """Get-Printer-Attributes."""
        asked = (b"printer-state", b"printer-state-reasons", b"printer-is-accepting-jobs", b"queued-job-count")
        more = _asking(*asked)
        try:
            answer = self._call(_GET_PRINTER_ATTRIBUTES, more)
        except (OSError, http.client.HTTPException) as problem:
            return PrinterStatus("offline", self._unreachable(problem))
        except ValueError as problem:
            return PrinterStatus("attention", f"{Trouble.STRANGE}: {problem}")
        if answer.status >= 0x0400:
            return PrinterStatus("attention", f"{Trouble.STRANGE}: IPP {answer.status:#06x} for {self._path}")
        return _status(answer.attributes)

    def _job(self, ticket: str, *names: bytes) -> Attributes | None:
        """What the queue says of a job; None where it does not know it. Raises OSError, HTTPException, ValueError."""
        answer = self._call(_GET_JOB_ATTRIBUTES, [*_whose(ticket), *_asking(*names)])
        return None if answer.status >= 0x0400 else answer.attributes

    def _sees_paper(self) -> bool:
        """Whether what this queue calls completed lies in the tray. Raises OSError, HTTPException, ValueError.

        `printer-type` and `device-uri` are attributes of CUPS alone; a class of printers has no device.
        """
        names = (b"printer-type", b"device-uri")
        said = self._call(_GET_PRINTER_ATTRIBUTES, _asking(*names)).attributes
        device = said.get("device-uri", [b""])[0].decode("utf-8", "replace").lower()
        if not device:
            return "printer-type" not in said
        if device.startswith("dnssd:"):
            # A queue that CUPS shares is announced as `NAME @ HOST`, with the "cups" of its service.
            return "_ipp" in device and "@" not in unquote(device) and "/cups" not in device
        return device.startswith(_FOLLOWED) and not urlsplit(device).path.startswith(_QUEUES)

    def _call(self, operation: int, more: list[tuple[int, str, bytes]], data: bytes = b"") -> "Answer":
        """One request. Raises OSError, HTTPException and ValueError."""
        uri = f"ipp://{self._host}:{self._port}{self._path}".encode()
        body = request(operation, [(_URI, "printer-uri", uri), *more]) + data
        connection = http.client.HTTPConnection(self._host, self._port, timeout=_SECONDS)
        try:
            connection.request("POST", self._path, body, {"Content-Type": "application/ipp"})
            response = connection.getresponse()
            if response.status != http.HTTPStatus.OK:
                raise ValueError(f"HTTP {response.status} for {self._path}")
            return Answer(response.read(_LONGEST_ANSWER))
        finally:
            connection.close()

    def _unreachable(self, problem: Exception) -> str:
        why = getattr(problem, "strerror", None) or str(problem) or "no answer"
        return f"{self.name} {Trouble.UNREACHABLE}: {why}"


def _asking(*names: bytes) -> list[tuple[int, str, bytes]]:
    return [(_KEYWORD, "" if n else "requested-attributes", name) for n, name in enumerate(names)]


def _whose(ticket: str) -> list[tuple[int, str, bytes]]:
    """The job, and that we are who sent it. Raises ValueError for a ticket that is no number."""
    return [(_INTEGER, "job-id", int(ticket).to_bytes(4, "big")), _WE]


def request(operation: int, attributes: list[tuple[int, str, bytes]]) -> bytes:
    """An IPP/1.1 request of one group; an empty name is one more value of the attribute before."""
    first = [(_CHARSET, "attributes-charset", b"utf-8"), (_LANGUAGE, "attributes-natural-language", b"en")]
    parts = [b"\x01\x01", operation.to_bytes(2, "big"), b"\0\0\0\x01", bytes([_OPERATION_GROUP])]
    for tag, name, value in (*first, *attributes):
        parts += [bytes([tag]), len(name).to_bytes(2, "big"), name.encode(), len(value).to_bytes(2, "big"), value]
    return b"".join([*parts, bytes([_END])])


class Answer:
    """What came back; raises ValueError for what is no IPP."""

    def __init__(self, body: bytes) -> None:
        self.status = int.from_bytes(body[2:4], "big")
        self.attributes: Attributes = {}
        last = ""
        for name, value in _values(body):
            last = name or last
            self.attributes.setdefault(last, []).append(value)


def _values(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Each value with its name. Raises ValueError for a message that is cut off."""
    at = 8
    while True:
        if at >= len(body):
            raise ValueError("expected an IPP answer, found one that is cut off")
        tag = body[at]
        at += 1
        if tag == _END:
            return
        if tag < 0x10:
            continue
        name, at = _piece(body, at)
        value, at = _piece(body, at)
        yield name.decode("utf-8", "replace"), value


def _piece(body: bytes, at: int) -> tuple[bytes, int]:
    end = at + 2 + int.from_bytes(body[at : at + 2], "big")
    if end > len(body):
        raise ValueError("expected an IPP answer, found one that is cut off")
    return body[at + 2 : end], end


def _status(attributes: Attributes) -> PrinterStatus:
    state, count = (_number(attributes, name) for name in ("printer-state", "queued-job-count"))
    if state is None:
        return PrinterStatus("attention", f"{Trouble.STRANGE}: no printer-state")
    said = [value.decode("ascii", "replace") for value in attributes.get("printer-state-reasons", [])]
    reasons = [word.removesuffix("-error").removesuffix("-warning").removesuffix("-report") for word in said]
    troubles = list(dict.fromkeys(_REASONS[reason] for reason in reasons if reason in _REASONS))
    accepting = attributes.get("printer-is-accepting-jobs", [b"\1"])[0] != b"\0"
    if state == _STOPPED or troubles or not accepting:
        words = ", ".join(troubles) or (Trouble.PAUSED if state == _STOPPED else Trouble.ERROR)
        return PrinterStatus("attention", words, count)
    return PrinterStatus("ready", f"{count} waiting in the queue" if count else "", count or None)


def _number(attributes: Attributes, name: str) -> int | None:
    """An integer or an enum, four bytes each; None for anything else."""
    value = attributes.get(name, [b""])[0]
    return int.from_bytes(value, "big") if len(value) == _NUMBER_BYTES else None


def open_printer(place: str, settings: Settings) -> Printer:
    """`place` is HOST[:PORT]/PATH."""
    parts = urlsplit(f"//{place}")
    if not parts.hostname or len(parts.path) < len("/x"):
        raise ValueError
    return QueuePrinter(parts.hostname, parts.port or _DEFAULT_PORT, parts.path, settings)
