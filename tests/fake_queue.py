"""A print queue that speaks IPP over a real socket, and what can be wrong with it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_INTEGER, _ENUM, _KEYWORD, _BOOLEAN, _URI, _NO_VALUE = 0x21, 0x23, 0x44, 0x22, 0x45, 0x13
_PRINT_JOB, _CANCEL_JOB, _GET_JOB = 0x0002, 0x0008, 0x0009
_NOT_FOUND = 0x0406
_NUMBER = b"job-id\x00\x04"


@dataclass
class FakeQueue:
    """Set what it says of itself; `jobs` are the documents it took, `formats` what they were called."""

    state: int = 3
    reasons: tuple[str, ...] = ("none",)
    accepting: bool = True
    waiting: int = 0
    refuses: int = 0
    """An IPP status with which jobs are refused; 0 for none."""
    loses_answers: bool = False
    garbled: bytes = b""
    job_state: int = 9
    """Of every job, until it is cancelled: 3 pending, 5 processing, 7 cancelled, 8 aborted, 9 completed."""
    job_reasons: str = "job-completed-successfully"
    device: str = ""
    """What CUPS prints on; empty for a printer that speaks IPP itself."""
    forgets_jobs: bool = False
    begins_meanwhile: bool = False
    """A job that was pending has begun when it is cancelled."""
    cancelled: list[int] = field(default_factory=list)
    jobs: list[bytes] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)

    @contextmanager
    def listening(self) -> Iterator[str]:
        """Its spec."""
        queue = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = queue.answer(self.rfile.read(int(self.headers["Content-Length"])))
                if queue.loses_answers:
                    self.connection.close()
                    return
                found = self.path == "/printers/bench"
                self.send_response(200 if found else 404)
                self.send_header("Content-Type", "application/ipp")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Tests are quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=lambda: server.serve_forever(0.02), daemon=True)
        thread.start()
        try:
            yield f"ipp:127.0.0.1:{server.server_port}/printers/bench"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def answer(self, request: bytes) -> bytes:
        """What it says to one request."""
        if self.garbled:
            return self.garbled
        if int.from_bytes(request[2:4], "big") == _PRINT_JOB:
            return self._take(request)
        if int.from_bytes(request[2:4], "big") in (_GET_JOB, _CANCEL_JOB):
            return self._job(request)
        values = [
            (_ENUM, "printer-state", self.state.to_bytes(4, "big")),
            (_BOOLEAN, "printer-is-accepting-jobs", bytes([self.accepting])),
            (_INTEGER, "queued-job-count", self.waiting.to_bytes(4, "big")),
            *((_KEYWORD, "" if n else "printer-state-reasons", r.encode()) for n, r in enumerate(self.reasons)),
        ]
        if self.device:
            values += [(_ENUM, "printer-type", bytes(4)), (_URI, "device-uri", self.device.encode())]
        return _message(0, values)

    def _job(self, request: bytes) -> bytes:
        at = request.index(_NUMBER) + len(_NUMBER)
        number = int.from_bytes(request[at : at + 4], "big")
        if self.forgets_jobs or not 0 < number <= len(self.jobs):
            return _message(_NOT_FOUND, [])
        if int.from_bytes(request[2:4], "big") == _CANCEL_JOB:
            self.cancelled.append(number)
            return _message(0, [])
        state = 7 if number in self.cancelled else self.job_state
        began = self.job_state not in (3, 4) or (self.begins_meanwhile and number in self.cancelled)
        processed = (_INTEGER, (1).to_bytes(4, "big")) if began else (_NO_VALUE, b"")
        values = [
            (_ENUM, "job-state", state.to_bytes(4, "big")),
            (_KEYWORD, "job-state-reasons", self.job_reasons.encode()),
            (processed[0], "time-at-processing", processed[1]),
        ]
        return _message(0, values)

    def _take(self, request: bytes) -> bytes:
        if self.refuses:
            return _message(self.refuses, [])
        attributes, _, document = request.partition(b"\x03")
        at = attributes.index(b"document-format") + len(b"document-format")
        length = int.from_bytes(attributes[at : at + 2], "big")
        self.formats.append(attributes[at + 2 : at + 2 + length].decode())
        self.jobs.append(document)
        return _message(0, [(_INTEGER, "job-id", len(self.jobs).to_bytes(4, "big"))])


def _message(status: int, values: list[tuple[int, str, bytes]]) -> bytes:
    parts = [b"\x01\x01", status.to_bytes(2, "big"), b"\0\0\0\x01\x04"]
    for tag, name, value in values:
        parts += [bytes([tag]), len(name).to_bytes(2, "big"), name.encode(), len(value).to_bytes(2, "big"), value]
    return b"".join([*parts, b"\x03"])
