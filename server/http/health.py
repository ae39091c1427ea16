"""Seen from outside: is it alive, and how is it doing."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.responses import Response

from server import __version__
from server.db import figures
from server.db.transaction import Database
from server.domain.errors import Unavailable
from server.http.access import VIEWER, public
from server.http.call import Call, answer
from server.http.routing import route


class Meter(Collector):
    """Counts requests in this process and reads the rest from the database when asked."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.registry = CollectorRegistry(auto_describe=False)
        labels = ("route", "method", "status")
        self._requests = Counter("packproof_requests", "Requests answered.", labels, registry=self.registry)
        self._seconds = Histogram(
            "packproof_request_seconds", "Time to the end of the answer.", ("route",), registry=self.registry
        )
        self.registry.register(self)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request was answered; ``route`` is the declared path, never the one that was asked for."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Figures of the floor, now."""
        with self._db.read() as connection:
            found = figures.read(connection, self._db.now())
        for figure in found:
            family = GaugeMetricFamily(f"packproof_{figure.name}", figure.help, labels=figure.labels)
            for values, number in figure.rows:
                family.add_metric(list(values), number)
            yield family

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing is said before it is asked for."""
        return iter(())


def healthz(call: Call) -> Response:
    """200 with the version and the clock when the database answers; raise Unavailable (503) when it does not."""
    try:
        with call.db.read() as connection:
            connection.execute(text("SELECT 1"))
    except (DBAPIError, PoolTimeout) as error:
        raise Unavailable("the database does not answer") from error
    return answer({"status": "ok", "version": __version__, "at": call.db.now()})


def metrics(call: Call) -> Response:
    """Prometheus text."""
    meter: Meter = call.request.app.state.meter
    return Response(generate_latest(meter.registry), 200, headers={"content-type": CONTENT_TYPE_LATEST})


ROUTES = [
    route(
        "GET", "/healthz", healthz, public("whoever watches the machine has no account; it says ok, version and time")
    ),
    route("GET", "/metrics", metrics, VIEWER),
]
