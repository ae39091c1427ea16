"""What docks ask for. The person at the dock is in the messages; the bench is who its token says."""

from starlette.responses import Response

from server import wire
from server.http.access import BENCH
from server.http.call import Call, answer
from server.http.routing import route
from server.usecases.loading import answers, carrier_close, closing, dock, opening, pallets, pickup, yard


def read_dock(call: Call) -> Response:
    """Loads of this site, and what must leave."""
    return answer(opening.read_dock(call.db, call.bench_id))


def read_yard(call: Call) -> Response:
    """Every parcel of this site, for a dock that may lose its network; 304 while it is the version ``?seen=``."""
    return _news(yard.read_yard(call.db, call.bench_id, call.request.query_params.get("seen", "")))


def open_load(call: Call) -> Response:
    """Open or rejoin a load."""
    return answer(opening.open_load(call.db, call.actor, call.bench_id, call.message(wire.LoadRequest)))


def read_load(call: Call) -> Response:
    """The load as it is now, with ``&changes=1`` only its changed parcels; 304 while it is the version ``?seen=``."""
    asked = call.request.query_params
    seen, changes = asked.get("seen", ""), asked.get("changes", "") == "1"
    return _news(answers.news_of_load(call.db, call.bench_id, call.path("load"), seen, changes=changes))


def take_events(call: Call) -> Response:
    """Scans at the dock."""
    request = call.message(wire.DockEventsRequest)
    return answer(dock.take_events(call.db, call.actor, call.bench_id, call.path("load"), request))


def begin_closing(call: Call) -> Response:
    """Its summary is on a screen, or not any more."""
    request = call.message(wire.ClosingRequest)
    return answer(closing.closing(call.db, call.actor, call.bench_id, call.path("load"), request))


def close_load(call: Call) -> Response:
    """Freeze the manifest."""
    request = call.message(wire.CloseRequest)
    return answer(closing.close_load(call.db, call.actor, call.bench_id, call.path("load"), request))


def manifest(call: Call) -> Response:
    """The closed load on paper."""
    body = closing.manifest_pdf(call.db, call.bench_id, call.path("load"))
    return Response(body, media_type="application/pdf")


def form(call: Call) -> Response:
    """The carrier's own paper about the load."""
    found = carrier_close.form(call.db, call.bench_id, call.path("load"))
    return Response(found.data, media_type=found.media_type)


def take_pickup(call: Call) -> Response:
    """A driver took everything of a lane at a site that scans nothing at its dock."""
    return answer(pickup.take_pickup(call.db, call.actor, call.bench_id, call.message(wire.PickupRequest)))


def build_pallet(call: Call) -> Response:
    """Parcels were scanned on to a pallet."""
    return answer(pallets.build_pallet(call.db, call.actor, call.bench_id, call.message(wire.PalletRequest)))


def new_pallet(call: Call) -> Response:
    """A number for a pallet without a label."""
    return answer(pallets.new_pallet(call.db, call.actor, call.bench_id, call.message(wire.NewPalletRequest)))


def _news(found: object) -> Response:
    if isinstance(found, answers.Same):
        return Response(status_code=304, headers={wire.AS_OF_HEADER: repr(found.as_of)})
    return answer(found)


ROUTES = [
    route("GET", "/api/dock", read_dock, BENCH),
    route("GET", "/api/dock/yard", read_yard, BENCH),
    route("POST", "/api/pallets", build_pallet, BENCH),
    route("POST", "/api/pallets/new", new_pallet, BENCH),
    route("POST", "/api/pickup", take_pickup, BENCH),
    route("POST", "/api/loads", open_load, BENCH),
    route("GET", "/api/loads/{load}", read_load, BENCH),
    route("POST", "/api/loads/{load}/events", take_events, BENCH),
    route("POST", "/api/loads/{load}/closing", begin_closing, BENCH),
    route("POST", "/api/loads/{load}/close", close_load, BENCH),
    route("GET", "/api/loads/{load}/manifest.pdf", manifest, BENCH),
    route("GET", "/api/loads/{load}/form", form, BENCH),
]
