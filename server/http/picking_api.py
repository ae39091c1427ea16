"""Waves, totes and short picks: for pickers at a bench's device, and for supervisors."""

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from sqlalchemy import Row
from starlette.responses import Response

from server import wire
from server.domain.errors import DomainError
from server.domain.people import Role
from server.domain.picks.waves import Limits
from server.http.access import BENCH, people
from server.http.call import Call, answer
from server.http.routing import route
from server.usecases.picks import picking, short_pick, totes, waves
from server.usecases.picks.short_pick import Found, ShortPick
from server.usecases.picks.waves import Wanted
from server.usecases.routes import site_down
from server.usecases.staff.people import PACKS, at_bench

SUPERVISOR = people(Role.SUPERVISOR)
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """A person at a bench's device."""

    person_id: wire.Count


@dataclass(frozen=True, slots=True, kw_only=True)
class BindRequest(Doing):
    """A slip and a tote, scanned one after the other."""

    slip: Code
    tote: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortRequest:
    """All there was of a SKU: ``found`` units in hand, of one lot or of any."""

    sku: Code
    found: wire.Count
    lot: str | None = None

    def value(self) -> Found:
        """As the use case takes it."""
        return Found(self.sku, self.found, self.lot)


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchShortRequest(ShortRequest):
    """The same, from a person at a bench."""

    person_id: wire.Count


@dataclass(frozen=True, slots=True, kw_only=True)
class WavesRequest:
    """Which waves: due until a moment (seconds since the epoch), for one carrier or all."""

    site: Code
    orders: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 40
    units: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 200
    until: wire.Moment | None = None
    carrier: str = ""
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveRequest:
    """Switch a site on or off."""

    active: bool
    reason: str = ""


# --- benches --------------------------------------------------------------------------------------------------------


def bench_waves(call: Call) -> Response:
    """GET /api/waves: what is to be picked at the bench's site."""
    return answer({"waves": [_wave(row) for row in waves.list_waves(call.db, site_id=_site(call))]})


def bench_list(call: Call) -> Response:
    """GET /api/waves/{wave}/pick-list"""
    wave_id = waves.wave_number(call.path("wave"))
    with call.db.read() as connection:
        _check_site(call, picking.walk_of(connection, wave_id).wave)
        return answer(picking.pick_list_of(connection, wave_id))


def bench_pdf(call: Call) -> Response:
    """GET /api/waves/{wave}/pick-list.pdf"""
    return _pdf(picking.pick_list_pdf(call.db, waves.wave_number(call.path("wave")), site_id=_site(call)))


def bench_done(call: Call) -> Response:
    """POST /api/waves/{wave}/done: everything was fetched."""
    who = at_bench(call.db, call.actor, call.message(Doing).person_id, PACKS)
    wave_id = waves.wave_number(call.path("wave"))
    with call.db.read() as connection:
        _check_site(call, picking.walk_of(connection, wave_id).wave)
    waves.finish_wave(call.db, who, wave_id)
    return answer({"wave": wave_id, "state": "done"})


def bench_wave_short(call: Call) -> Response:
    """POST /api/waves/{wave}/short"""
    asked = call.message(BenchShortRequest)
    who = at_bench(call.db, call.actor, asked.person_id, PACKS)
    wave_id = waves.wave_number(call.path("wave"))
    return _short(short_pick.short_in_wave(call.db, who, wave_id, asked.value(), site_id=_site(call)))


def bench_short(call: Call) -> Response:
    """POST /api/sessions/{session}/short: an item of the order being packed is not there."""
    asked = call.message(BenchShortRequest)
    who = at_bench(call.db, call.actor, asked.person_id, PACKS)
    return _short(short_pick.short_at_bench(call.db, who, call.bench_id, call.path("session"), asked.value()))


def bind(call: Call) -> Response:
    """POST /api/totes/bind"""
    asked = call.message(BindRequest)
    who = at_bench(call.db, call.actor, asked.person_id, PACKS)
    return answer(totes.bind(call.db, who, asked.slip, asked.tote, site_id=_site(call))._asdict())


def read_tote(call: Call) -> Response:
    """GET /api/totes/{tote}: which orders lie in it."""
    with call.db.read() as connection:
        rows = totes.inside(connection, call.path("tote"), site_id=_site(call))
    return answer({"orders": [{"number": r.number, "status": r.status, "wave": r.wave_id} for r in rows]})


def empty_tote(call: Call) -> Response:
    """POST /api/totes/{tote}/empty: what lay in it was put back."""
    who = at_bench(call.db, call.actor, call.message(Doing).person_id, PACKS)
    return answer({"orders": totes.empty(call.db, who, call.path("tote"), site_id=_site(call))})


# --- supervisors ----------------------------------------------------------------------------------------------------


def read_waves(call: Call) -> Response:
    """GET /api/supervisor/waves; ``?all=1`` with those that are over."""
    everything = call.request.query_params.get("all") == "1"
    return answer({"waves": [_wave(row) for row in waves.list_waves(call.db, open_only=not everything)]})


def make_waves(call: Call) -> Response:
    """POST /api/supervisor/waves"""
    asked = call.message(WavesRequest)
    wanted = Wanted(asked.site, Limits(asked.orders, asked.units), asked.until, asked.carrier)
    made = waves.plan_waves(call.db, wanted) if asked.dry_run else waves.make_waves(call.db, call.actor, wanted)
    return answer({"waves": made})


def wave_pdf(call: Call) -> Response:
    """GET /api/supervisor/waves/{wave}/pick-list.pdf"""
    return _pdf(picking.pick_list_pdf(call.db, waves.wave_number(call.path("wave"))))


def finish_wave(call: Call) -> Response:
    """POST /api/supervisor/waves/{wave}/done"""
    wave_id = waves.wave_number(call.path("wave"))
    waves.finish_wave(call.db, call.actor, wave_id)
    return answer({"wave": wave_id, "state": "done"})


def cancel_wave(call: Call) -> Response:
    """POST /api/supervisor/waves/{wave}/cancel"""
    wave_id = waves.wave_number(call.path("wave"))
    waves.cancel_wave(call.db, call.actor, wave_id)
    return answer({"wave": wave_id, "state": "cancelled"})


def wave_short(call: Call) -> Response:
    """POST /api/supervisor/waves/{wave}/short"""
    asked = call.message(ShortRequest)
    return _short(short_pick.short_in_wave(call.db, call.actor, waves.wave_number(call.path("wave")), asked.value()))


def set_active(call: Call) -> Response:
    """POST /api/supervisor/sites/{site}/active: off, and its unpacked orders leave from elsewhere."""
    asked = call.message(ActiveRequest)
    done = site_down.set_active(call.db, call.actor, call.path("site"), asked.active, asked.reason)
    return answer(done._asdict())


def _site(call: Call) -> int:
    assert call.caller.site_id is not None, "this route is not for benches"  # noqa: S101
    return call.caller.site_id


def _check_site(call: Call, wave: Row[Any]) -> None:
    if wave.site_id != _site(call):
        raise DomainError("not_found", f"there is no wave {wave.id} at this site")


def _pdf(body: bytes) -> Response:
    return Response(body, media_type="application/pdf")


def _wave(row: Row[Any]) -> dict[str, Any]:
    names = ("id", "carrier", "mix", "cutoff_at", "state", "orders", "picked")
    return {name: getattr(row, name) for name in names} | {"site": row.site_code}


def _short(done: ShortPick) -> Response:
    orders = [{"order": r.number, "remedy": r.remedy, "part": r.part} for r in done.rerouted]
    off = done.written
    told = {"sku": done.sku, "site": done.site, "missing": off.missing, "unsold": off.unsold}
    return answer(told | {"incident": done.incident_id, "orders": orders})


ROUTES = [
    route("GET", "/api/waves", bench_waves, BENCH),
    route("GET", "/api/waves/{wave}/pick-list", bench_list, BENCH),
    route("GET", "/api/waves/{wave}/pick-list.pdf", bench_pdf, BENCH),
    route("POST", "/api/waves/{wave}/done", bench_done, BENCH),
    route("POST", "/api/waves/{wave}/short", bench_wave_short, BENCH),
    route("POST", "/api/sessions/{session}/short", bench_short, BENCH),
    route("POST", "/api/totes/bind", bind, BENCH),
    route("GET", "/api/totes/{tote}", read_tote, BENCH),
    route("POST", "/api/totes/{tote}/empty", empty_tote, BENCH),
    route("GET", "/api/supervisor/waves", read_waves, SUPERVISOR),
    route("POST", "/api/supervisor/waves", make_waves, SUPERVISOR),
    route("GET", "/api/supervisor/waves/{wave}/pick-list.pdf", wave_pdf, SUPERVISOR),
    route("POST", "/api/supervisor/waves/{wave}/short", wave_short, SUPERVISOR),
    route("POST", "/api/supervisor/waves/{wave}/done", finish_wave, SUPERVISOR),
    route("POST", "/api/supervisor/waves/{wave}/cancel", cancel_wave, SUPERVISOR),
    route("POST", "/api/supervisor/sites/{site}/active", set_active, SUPERVISOR),
]
