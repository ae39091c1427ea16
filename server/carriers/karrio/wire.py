"""The library's own way to make a call, laid over our line.

Its carriers call ``karrio.lib.request`` and its two ways to do so several times at once. These names are replaced once,
when the library is imported; what stands there then looks which line the running thread has in its hand. Without one
nothing leaves this machine.
"""

import base64
import email.policy
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, Message
from http import HTTPStatus
from io import BytesIO
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

from server.calls.line import Line, Reply
from server.calls.troubles import Away

_TO_READ = tuple(s for s in range(400, 500) if s not in {401, 403, 408, 409, 423, 425, 429})
"""A refusal in the carrier's own words, which the library turns into sentences; the rest is a trouble at once."""


@dataclass(slots=True)
class Wire:
    """One operation at a carrier: maybe several calls, all to the carrier's own domain.

    ``status`` is that of the last answer, 0 before there is one; ``taken``: one of them was 2xx. Fetching a token does
    not count, and ``aside`` says that one is being fetched.
    """

    line: Line
    home: str
    operation: str
    status: int = 0
    taken: bool = False
    aside: bool = False

    def send(self, url: str, method: str | None, data: Any, headers: Mapping[str, Any] | None) -> Reply:
        """One call; raise Away for an address that is not the carrier's: labels and tokens go nowhere else."""
        parts = urlsplit(url)
        if parts.scheme != "https" or not f".{parts.hostname}".endswith(f".{self.home}"):
            raise Away(f"expected an address of {self.home}, found {parts.scheme}://{parts.hostname}")
        reply = self.line.call(
            "token" if self.aside else self.operation,
            method or ("GET" if data is None else "POST"),
            url,
            headers={name: str(value) for name, value in (headers or {}).items() if value is not None},
            content=_bytes_of(data),
            allow=_TO_READ,
        )
        if not self.aside:
            self.status, self.taken = reply.status, self.taken or reply.status // 100 == 2
        return reply

    @contextmanager
    def held(self) -> Iterator[None]:
        """The library's calls of this thread go over this wire."""
        before = _wire.set(self)
        try:
            yield
        finally:
            _wire.reset(before)


_wire: ContextVar[Wire | None] = ContextVar("wire", default=None)


def wire() -> Wire:
    """The wire in this thread's hand; raise RuntimeError without one."""
    found = _wire.get()
    if found is None:
        raise RuntimeError("the library may only call a carrier over a line")
    return found


def home_of(address: str) -> str:
    """The domain whose machines are all the carrier's: ``ups.com`` of ``https://onlinetools.ups.com``."""
    names = (urlsplit(address).hostname or "").split(".")
    shared = len(names) > 2 and len(names[-1]) == 2 and len(names[-2]) <= 3
    return ".".join(names[-3:] if shared else names[-2:])


def lay(lib: Any, helpers: Any) -> None:
    """Replace the library's ways to call somebody."""
    lib.request = _request
    lib.request_with_response = lambda **kw: lib.HttpResponse(**_whole_answer(**kw))
    lib.run_concurently = lib.run_asynchronously = _one_by_one
    helpers.urlopen = helpers._urlopen_with_span = _nobody


def _request(
    *,
    url: str,
    method: str | None = None,
    data: Any = None,
    headers: Mapping[str, Any] | None = None,
    decoder: Callable[[bytes], Any] | None = None,
    on_ok: Callable[[Any], Any] | None = None,
    on_error: Callable[[HTTPError], Any] | None = None,
    **_: Any,
) -> Any:
    reply = wire().send(url, method, data, headers)
    if reply.status // 100 != 2:
        return on_error(_error_of(url, reply)) if on_error else _text_of(reply.body)
    if on_ok:
        return on_ok(BytesIO(reply.body))
    return _parts_of(reply) or (decoder or _text_of)(reply.body)


def _whole_answer(**kw: Any) -> dict[str, Any]:
    reply = wire().send(kw["url"], kw.get("method"), kw.get("data"), kw.get("headers"))
    wrong = reply.status // 100 != 2
    return {
        "content": _text_of(reply.body),
        "status_code": reply.status,
        "headers": dict(reply.headers),
        "is_error": wrong,
    }


def _one_by_one(go: Callable[[Any], Any], things: Iterable[Any], **_: Any) -> list[Any]:
    # One after the other, so that limits are counted and a trouble is not swallowed by a pool.
    return [go(thing) for thing in things]


def _nobody(*_: Any, **__: Any) -> Any:
    raise RuntimeError("the library may only call a carrier over a line")


def _error_of(url: str, reply: Reply) -> HTTPError:
    headers = Message()
    for name, value in reply.headers.items():
        headers[name] = value
    words = {each.value: each.phrase for each in HTTPStatus}.get(reply.status, "")
    return HTTPError(url, reply.status, words, headers, BytesIO(reply.body))


def _bytes_of(data: Any) -> bytes | None:
    if data is None or isinstance(data, bytes):
        return data
    return data.encode() if isinstance(data, str) else json.dumps(data).encode()


def _text_of(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("iso-8859-1")


def _parts_of(reply: Reply) -> str:
    """An answer in several parts (a label beside its facts) as JSON, empty for any other: the library splits it at the
    first dashes it sees, which may be in the label."""
    kind = reply.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/"):
        return ""
    head = f"Content-Type: {kind}\r\n\r\n".encode()
    whole = message_from_bytes(head + reply.body, _class=EmailMessage, policy=email.policy.HTTP)
    found: dict[str, Any] = {}
    for part in whole.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            found[name] = json.loads(content) if "json" in part.get_content_type() else _letters_of(content)
    return json.dumps(found)


def _letters_of(content: bytes) -> str:
    plain = content.strip()
    bare = plain.startswith((b"%PDF", b"^XA")) or not plain.isascii()
    return base64.b64encode(content).decode() if bare else plain.decode()
