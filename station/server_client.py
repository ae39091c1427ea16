"""Talks to the server: one typed method per endpoint. Safe to use from several threads.

Every method raises ``Unavailable`` when nothing was decided (no answer, a 5xx, a proxy's page, this bench not admitted)
and ``DomainError`` with the server's code, sentence and facts when a rule said no.
"""

import ssl
import uuid
from dataclasses import replace
from typing import TypeVar
from urllib.parse import quote

import httpx

from printing.documents import CarrierLabel
from server import wire
from server.domain.errors import DomainError, Unavailable

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 5.0
CLOSE_SECONDS = 20.0
"""A whole vehicle is one transaction: thousands of parcels, orders and messages at once."""
_NOT_ABOUT_THE_REQUEST = (401, 403, 408, 425, 426, 429)
"""Statuses which say something about this bench or this moment, never about the request itself."""

T = TypeVar("T")


class NotAdmitted(Unavailable):
    """The server does not know this bench (any more), or not this version of it."""


class Postponed(Unavailable):
    """The server answered that it cannot decide now; the text is its own sentence."""


class ServerClient:
    """The server as a bench sees it. ``token`` is the bench's own; ``verify`` as for httpx."""

    def __init__(
        self,
        url: str,
        token: str = "",
        *,
        verify: ssl.SSLContext | bool = True,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        headers = {wire.WIRE_HEADER: str(wire.WIRE_VERSION), "Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        timeout = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
        # Proxy settings of the account must never carry a bench's token elsewhere.
        self._http = httpx.Client(
            base_url=url, headers=headers, timeout=timeout, verify=verify, transport=transport, trust_env=False
        )

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def join(self, request: wire.JoinRequest) -> wire.JoinAnswer:
        """Enrol this bench; needs no token."""
        return self._post("/api/join", request, wire.JoinAnswer)

    def snapshot(self) -> wire.Snapshot:
        """Products, codes, boxes, people and lanes."""
        return self._get("/api/snapshot", wire.Snapshot)

    def queue(self) -> wire.Queue:
        """What waits for this bench."""
        return self._get("/api/queue", wire.Queue)

    def heartbeat(self, beat: wire.Heartbeat) -> wire.HeartbeatAnswer:
        """Say how this bench is doing; hear what must stop."""
        return self._post("/api/heartbeat", beat, wire.HeartbeatAnswer)

    def open_order(self, request: wire.OpenRequest) -> wire.OpenAnswer:
        """Claim an order; asking again with the same session id claims nothing more."""
        return self._post("/api/orders/open", request, wire.OpenAnswer)

    def release_order(self, request: wire.ReleaseRequest) -> wire.ReleaseAnswer:
        """Have an order on hold looked at again, under a supervisor's name."""
        return self._post("/api/orders/release", request, wire.ReleaseAnswer)

    def tell_tote(self, tote: str, request: wire.ToteRequest) -> None:
        """Say that a tote is empty, or what still lies in it."""
        self._send("POST", f"/api/totes/{_part(tote)}/look", wire.encode(request))

    def lease(self, request: wire.LeaseRequest) -> wire.LeaseAnswer:
        """What this bench may pack with no server in sight."""
        return self._post("/api/lease", request, wire.LeaseAnswer)

    def erased(self) -> wire.ErasedAnswer:
        """Whose labels and papers this bench must forget."""
        return self._get("/api/erased", wire.ErasedAnswer)

    def attach_code(self, request: wire.AttachRequest) -> wire.AttachAnswer:
        """Teach a barcode."""
        return self._post("/api/codes", request, wire.AttachAnswer)

    def who_wants(self, request: wire.WantedRequest) -> wire.WantedAnswer:
        """Which other orders wait for a product."""
        return self._post("/api/wanted", request, wire.WantedAnswer)

    def send_events(self, session_id: str, request: wire.EventsRequest) -> wire.EventsAnswer:
        """Hand over events; (session, seq) is unique, so resending is harmless."""
        return self._post(f"/api/sessions/{_part(session_id)}/events", request, wire.EventsAnswer)

    def buy_label(self, session_id: str) -> wire.LabelAnswer:
        """The one label of this session's parcel; asking again gives the same one."""
        return self._post(f"/api/sessions/{_part(session_id)}/label", None, wire.LabelAnswer)

    def reprint(self, code: str, person_id: int = 0) -> wire.LabelAnswer:
        """Count one more print of a bought label, at this person's word; never buys."""
        asked = wire.ReprintRequest(person_id=person_id) if person_id else None
        return self._post(f"/api/parcels/{_part(code)}/reprint", asked, wire.LabelAnswer)

    def relabel(self, code: str, request: wire.RelabelRequest) -> wire.RelabelAnswer:
        """Have the label of this parcel void; asking again before the box has its new one says the same."""
        return self._post(f"/api/parcels/{_part(code)}/relabel", request, wire.RelabelAnswer)

    def open_load(self, request: wire.LoadRequest) -> wire.LoadAnswer:
        """Open or rejoin the load of a carrier."""
        return self._post("/api/loads", request, wire.LoadAnswer)

    def load(self, load_id: str) -> wire.LoadAnswer:
        """The load as it is now."""
        return self._get(f"/api/loads/{_part(load_id)}", wire.LoadAnswer)

    def load_since(self, load_id: str, seen: str) -> wire.LoadAnswer | float:
        """The load as it is now; while it is as in the version ``seen``, only up to when its cancels are known.

        An answer with a ``base`` brings only what changed since that version.
        """
        return self._news(f"/api/loads/{_part(load_id)}?seen={_part(seen)}&changes=1", wire.LoadAnswer)

    def send_dock_events(self, load_id: str, request: wire.DockEventsRequest) -> wire.DockEventsAnswer:
        """Hand over dock scans; resending is harmless. The answer's load comes without parcels: ``load`` has them."""
        return self._post(f"/api/loads/{_part(load_id)}/events", replace(request, picture=False), wire.DockEventsAnswer)

    def close_load(self, load_id: str, request: wire.CloseRequest) -> wire.LoadAnswer:
        """Freeze the manifest."""
        path = f"/api/loads/{_part(load_id)}/close"
        return _decoded(self._send("POST", path, wire.encode(request), CLOSE_SECONDS), wire.LoadAnswer)

    def closing_load(self, load_id: str, request: wire.ClosingRequest) -> wire.LoadAnswer:
        """Say that somebody has the load's summary on the screen, or went back to loading."""
        return self._post(f"/api/loads/{_part(load_id)}/closing", request, wire.LoadAnswer)

    def dock(self) -> wire.DockAnswer:
        """The dock of this site: its loads, and what must leave."""
        return self._get("/api/dock", wire.DockAnswer)

    def yard(self, seen: str) -> wire.YardAnswer | float:
        """Every parcel of this site; while it is the version ``seen``, only up to when its cancels are known."""
        return self._news(f"/api/dock/yard?seen={_part(seen)}", wire.YardAnswer)

    def pickup(self, request: wire.PickupRequest) -> wire.LoadAnswer:
        """A driver took everything of a lane; the load is closed."""
        return _decoded(self._send("POST", "/api/pickup", wire.encode(request), CLOSE_SECONDS), wire.LoadAnswer)

    def new_pallet(self, request: wire.NewPalletRequest) -> wire.PalletCode:
        """A number for a pallet without a label."""
        return self._post("/api/pallets/new", request, wire.PalletCode)

    def build_pallet(self, request: wire.PalletRequest) -> wire.PalletAnswer:
        """These parcels stand on a pallet; the same again changes nothing."""
        return self._post("/api/pallets", request, wire.PalletAnswer)

    def manifest(self, load_id: str) -> bytes:
        """The closed load's manifest as PDF."""
        return self._send("GET", f"/api/loads/{_part(load_id)}/manifest.pdf", None)

    def form(self, load_id: str) -> CarrierLabel:
        """The carrier's own paper about a closed load."""
        answer = self._answer("GET", f"/api/loads/{_part(load_id)}/form", None)
        pdf = answer.headers.get("content-type", "").startswith("application/pdf")
        return CarrierLabel("pdf" if pdf else "zpl", answer.content)

    def goods_expected(self, ask: wire.GoodsAsk) -> wire.GoodsExpected:
        """What should come, go or lie there."""
        return self._post("/api/goods/expected", ask, wire.GoodsExpected)

    def book_goods(self, document: wire.GoodsDocument) -> wire.GoodsBooked:
        """Book what was counted; the same key again books nothing more."""
        return self._post("/api/goods/book", document, wire.GoodsBooked)

    def picture(self, digest: str) -> bytes:
        """What a product looks like, as a PNG."""
        return self._send("GET", f"/api/pictures/{_part(digest)}", None)

    def _news(self, path: str, kind: type[T]) -> T | float:
        answer = self._answer("GET", path, None)
        if answer.status_code != httpx.codes.NOT_MODIFIED:
            return _decoded(answer.content, kind)
        try:
            return float(answer.headers.get(wire.AS_OF_HEADER, ""))
        except ValueError as error:
            raise Unavailable(f"the server's answer is not understood: {error}") from error

    def _get(self, path: str, kind: type[T]) -> T:
        return _decoded(self._send("GET", path, None), kind)

    def _post(self, path: str, message: object, kind: type[T]) -> T:
        return _decoded(self._send("POST", path, wire.encode(message) if message is not None else b""), kind)

    def _send(self, method: str, path: str, body: bytes | None, seconds: float = ANSWER_SECONDS) -> bytes:
        return self._answer(method, path, body, seconds).content

    def _answer(self, method: str, path: str, body: bytes | None, seconds: float = ANSWER_SECONDS) -> httpx.Response:
        headers = {wire.REQUEST_HEADER: uuid.uuid4().hex}
        if body:
            headers["Content-Type"] = "application/json"
        try:
            timeout = httpx.Timeout(seconds, connect=CONNECT_SECONDS)
            answer = self._http.request(method, path, content=body, headers=headers, timeout=timeout)
        except (httpx.HTTPError, RuntimeError) as error:
            # RuntimeError: the client was closed while a thread was still asking.
            raise Unavailable(f"no answer from the server: {type(error).__name__}") from error
        if answer.is_success or answer.status_code == httpx.codes.NOT_MODIFIED:
            return answer
        raise _refusal(answer)


def _part(text: str) -> str:
    """One path segment, whatever the text holds."""
    return quote(text, safe="")


def _decoded(body: bytes, kind: type[T]) -> T:
    try:
        return wire.decode(body, kind)
    except DomainError as error:
        raise Unavailable(f"the server's answer is not understood: {error.detail}") from error


def _refusal(answer: httpx.Response) -> Exception:
    status = answer.status_code
    problem = _problem(answer)
    detail = problem.detail if problem else f"status {status}"
    if status in (401, 403, 426):
        return NotAdmitted(detail)
    if problem is None:
        return Unavailable(detail)
    facts = {**problem.facts, "refused": problem.code}
    if status >= 500 or status in _NOT_ABOUT_THE_REQUEST:
        return Postponed(detail, **facts)
    return DomainError(problem.code, detail, **facts)


def _problem(answer: httpx.Response) -> wire.Problem | None:
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        return None
    try:
        return wire.decode(answer.content, wire.Problem)
    except DomainError:
        return None
