"""Builds the service: routes, access log, embedded worker; and runs it."""

import asyncio
import gc
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import FrameType
from typing import Any

import uvicorn
from starlette.applications import Starlette

from server import logs
from server.config import ServerConfig
from server.db.engine import open_engine
from server.db.migrate import migrate
from server.db.transaction import Database
from server.http import (
    allocation_api,
    bench_api,
    bench_goods_api,
    bench_page,
    catalogue_api,
    channel_api,
    dock_api,
    floor_api,
    goods_api,
    handling_api,
    health,
    holds_api,
    labels_api,
    live,
    loader_page,
    loads_api,
    pages,
    paper_page,
    picking_api,
    rates_api,
    routing_api,
    stock_api,
    tracking_api,
)
from server.http.access_log import AccessLog
from server.http.call import Services
from server.http.hot_path import HotPath
from server.jobs import alerting, anchoring
from server.tls import certificate_files
from server.usecases.booking.book import Book
from server.usecases.routes import needs
from server.usecases.talking.lines import Lines
from server.worker import Worker

_DRAIN = 5
"""Seconds that running requests get after SIGTERM."""
_IDLE = 75
"""Seconds for which a quiet connection stays open: shops and benches come back on it."""
_SLICE = 0.0005
"""Seconds for which one thread may keep the others waiting: a batch has many short waits for its database, and after
each of them the interpreter's own 5 ms would be longer than the wait."""


_APIS = (
    health,
    holds_api,
    channel_api,
    bench_api,
    dock_api,
    loads_api,
    pages,
    bench_page,
    paper_page,
    loader_page,
    allocation_api,
    catalogue_api,
    handling_api,
    routing_api,
    rates_api,
    picking_api,
    goods_api,
    bench_goods_api,
    floor_api,
    stock_api,
    tracking_api,
    labels_api,
)


def create_app(config: ServerConfig, db: Database | None = None) -> Starlette:
    """The service over an open database, or over the configured one, brought to the newest schema."""
    database = db or open_database(config)
    made = Starlette(
        routes=[each for api in _APIS for each in api.ROUTES],
        lifespan=_lifespan,
    )
    book = Book(database)
    made.state.services = Services(database, config, book, Lines(database, book=book))
    made.state.meter = health.Meter(database)
    made.add_middleware(HotPath, routes=[each for each in holds_api.ROUTES if each.path in holds_api.QUIET])
    made.add_middleware(AccessLog, meter=made.state.meter)
    return made


def open_database(config: ServerConfig) -> Database:
    """Open and migrate the configured database."""
    config.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(open_engine(config.database_url))
    migrate(database.engine)
    return database


def serve(config: ServerConfig) -> None:
    """Run until SIGTERM or SIGINT: refuse new connections, finish requests, stop the worker, return."""
    logs.configure(config.log_format)
    sys.setswitchinterval(_SLICE)
    certificate, key = (None, None) if config.loopback else certificate_files(config)
    app = create_app(config)
    # All that was built by now stays: nobody need look through it again for what can be thrown away, while buyers wait.
    gc.collect()
    gc.freeze()
    settings = uvicorn.Config(
        app,
        host=config.host,
        port=config.port,
        log_config=None,
        access_log=False,
        server_header=False,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        timeout_keep_alive=_IDLE,
        timeout_graceful_shutdown=_DRAIN,
    )
    # uvicorn gives the signal back after its own clean stop; a stop that was asked for is not a failure.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _already_stopped)
    with asyncio.Runner(loop_factory=settings.get_loop_factory()) as runner:
        runner.run(_Service(settings).serve())


class _Service(uvicorn.Server):
    """Ends the boards' streams as soon as it is told to stop; they would hold the stop up for the whole drain."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Called from the signal handler."""
        app: Any = self.config.app
        live.close_streams(app)
        super().handle_exit(sig, frame)


def _already_stopped(_number: int, _frame: FrameType | None) -> None:
    pass


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    services: Services = app.state.services
    await asyncio.to_thread(needs.warm, services.db)
    also = [anchoring(services.config.data_dir), alerting(services.config.alerts)]
    worker = Worker(services.db, also, services.lines) if services.config.worker else None
    if worker is not None:
        worker.start()
    try:
        yield
    finally:
        if worker is not None:
            await asyncio.to_thread(worker.stop)
        if services.book is not None:
            await asyncio.to_thread(services.book.close)
