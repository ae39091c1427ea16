"""What benches ask for. The person at the bench is in the messages; the bench is who its token says."""

from starlette.responses import Response

from server import wire
from server.http.access import BENCH, public
from server.http.call import Call, answer
from server.http.routing import route
from server.usecases.benchwork import (
    adopting,
    attaching,
    benches,
    forgetting,
    heartbeat,
    labels,
    leases,
    opening,
    packing,
    releasing,
    reprinting,
    snapshot,
    tote_mates,
    wanting,
)
from server.usecases.masterdata import pictures
from server.usecases.shipping import relabelling


def join(call: Call) -> Response:
    """Enrol a bench with its one-time secret."""
    return answer(benches.join(call.db, call.message(wire.JoinRequest).secret))


def take_snapshot(call: Call) -> Response:
    """Products, codes, boxes, people and lanes."""
    return answer(snapshot.take_snapshot(call.db, call.bench_id))


def read_queue(call: Call) -> Response:
    """What waits."""
    return answer(snapshot.read_queue(call.db, call.bench_id))


def beat(call: Call) -> Response:
    """How the bench is doing, and what must stop there."""
    return answer(heartbeat.beat(call.db, call.actor, call.bench_id, call.message(wire.Heartbeat)))


def open_order(call: Call) -> Response:
    """Claim an order."""
    return answer(opening.open_order(call.db, call.actor, call.bench_id, call.message(wire.OpenRequest)))


def picture(call: Call) -> Response:
    """What a product looks like; what has this name never changes."""
    with call.db.read() as connection:
        png = pictures.kept(connection, call.path("digest"))
    return Response(png, media_type="image/png", headers={"Cache-Control": "private, max-age=31536000, immutable"})


def release_hold(call: Call) -> Response:
    """A supervisor's badge was scanned: look again at an order on hold."""
    return answer(releasing.release(call.db, call.actor, call.bench_id, call.message(wire.ReleaseRequest)))


def attach_code(call: Call) -> Response:
    """An unknown barcode is taught."""
    return answer(attaching.attach(call.db, call.actor, call.message(wire.AttachRequest)))


def tell_tote(call: Call) -> Response:
    """Whether a tote is empty now."""
    tote_mates.tell(call.db, call.actor, call.bench_id, call.path("tote"), call.message(wire.ToteRequest))
    return answer({})


def renew_lease(call: Call) -> Response:
    """What this bench may pack with no server in sight."""
    return answer(leases.renew(call.db, call.actor, call.bench_id, call.message(wire.LeaseRequest)))


def read_erased(call: Call) -> Response:
    """Whose labels and papers this bench must forget."""
    return answer(forgetting.erased(call.db, call.bench_id))


def who_wants(call: Call) -> Response:
    """Which other orders wait for an item that was wrong here."""
    return answer(wanting.who_wants(call.db, call.bench_id, call.message(wire.WantedRequest)))


def take_events(call: Call) -> Response:
    """Scans of a pack session."""
    events = call.message(wire.EventsRequest).events
    adopting.adopt(call.db, call.actor, call.bench_id, call.path("session"), events)
    return answer(packing.take_events(call.db, call.actor, call.bench_id, call.path("session"), events))


def buy_label(call: Call) -> Response:
    """The one label of a session's parcel."""
    return answer(labels.buy_label(call.db, call.actor, call.bench_id, call.path("session")))


def reprint(call: Call) -> Response:
    """The same label again; a station of the version before does not say who asks."""
    who = call.message(wire.ReprintRequest).person_id if call.body else 0
    return answer(reprinting.reprint_at_bench(call.db, call.actor, call.bench_id, call.path("parcel"), who))


def relabel(call: Call) -> Response:
    """A supervisor's badge was scanned: this parcel gets another label."""
    asked = call.message(wire.RelabelRequest)
    return answer(relabelling.relabel_at_bench(call.db, call.actor, call.bench_id, call.path("parcel"), asked))


ROUTES = [
    route("POST", "/api/join", join, public("a bench has no token yet; the one-time secret is in the body")),
    route("GET", "/api/snapshot", take_snapshot, BENCH),
    route("GET", "/api/queue", read_queue, BENCH),
    route("POST", "/api/heartbeat", beat, BENCH),
    route("POST", "/api/codes", attach_code, BENCH),
    route("POST", "/api/orders/open", open_order, BENCH),
    route("POST", "/api/orders/release", release_hold, BENCH),
    route("POST", "/api/totes/{tote}/look", tell_tote, BENCH),
    route("POST", "/api/lease", renew_lease, BENCH),
    route("GET", "/api/erased", read_erased, BENCH),
    route("POST", "/api/wanted", who_wants, BENCH),
    route("GET", "/api/pictures/{digest}", picture, BENCH),
    route("POST", "/api/sessions/{session}/events", take_events, BENCH),
    route("POST", "/api/sessions/{session}/label", buy_label, BENCH),
    route("POST", "/api/parcels/{parcel}/reprint", reprint, BENCH),
    route("POST", "/api/parcels/{parcel}/relabel", relabel, BENCH),
]
